locals {
  tag = "v1.8"
}

resource "qovery_job" "rds" {
  environment_id = "e1"
  name           = "rds-instance"
  schedule = {
    lifecycle_type = "TERRAFORM"
    on_start       = { arguments = ["apply", "-auto-approve"] }
    on_stop        = { entrypoint = "", arguments = ["plan"] }
    on_delete      = { arguments = ["destroy", "-auto-approve"] }
  }
  source = {
    image = {
      registry_id = qovery_container_registry.hub.id
      name        = "hashicorp/terraform"
      tag         = local.tag
    }
  }
  max_duration_seconds = 1800
  port                 = 8080
  environment_variable_files = [
    { key = "TF_CLI_CONFIG_FILE", value = "plugin_cache_dir = \"/tmp/$${USER}\"\n", mount_path = "/etc/tf/cli.rc" },
  ]
  secret_files = [
    { key = "AWS_CREDENTIALS", value = var.credentials, mount_path = "/root/.aws/credentials" },
  ]
  advanced_settings_json = jsonencode({ "job.delete_ttl_seconds_after_finished" = 60 })
  annotations_group_ids  = [qovery_annotations_group.g.id]
  healthchecks = {
    liveness_probe = {
      type                  = { exec = { command = ["true"] } }
      initial_delay_seconds = 1
      period_seconds        = 1
      timeout_seconds       = 1
      success_threshold     = 1
      failure_threshold     = 1
    }
  }
}

resource "qovery_container_registry" "hub" {
  name = "hub"
  kind = "DOCKER_HUB"
  url  = "https://docker.io"
}
