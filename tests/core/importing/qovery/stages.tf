resource "qovery_deployment_stage" "first" {
  environment_id = "e1"
  name           = "infrastructure"
}
resource "qovery_deployment_stage" "second" {
  environment_id = "e1"
  name           = "migrations"
  is_after       = qovery_deployment_stage.first.id
}
resource "qovery_deployment_stage" "third" {
  environment_id = "e1"
  name           = "applications"
  is_after       = qovery_deployment_stage.second.id
}
resource "qovery_database" "cache" {
  environment_id      = "e1"
  name                = "cache"
  type                = "REDIS"
  version             = "7.2"
  mode                = "CONTAINER"
  deployment_stage_id = qovery_deployment_stage.first.id
}
resource "qovery_container" "nats" {
  environment_id      = "e1"
  name                = "nats"
  image_name          = "nats"
  tag                 = "2.10"
  registry_id         = "r1"
  deployment_stage_id = qovery_deployment_stage.first.id
  ports               = [{ internal_port = 4222, publicly_accessible = false, protocol = "TCP" }]
  healthchecks        = {}
}
resource "qovery_job" "migrate" {
  environment_id      = "e1"
  name                = "migrate"
  deployment_stage_id = qovery_deployment_stage.second.id
  schedule            = { on_start = {} }
  source              = { image = { registry_id = "r1", name = "acme/api", tag = "3" } }
  healthchecks        = {}
}
resource "qovery_container" "api" {
  environment_id      = "e1"
  name                = "api"
  image_name          = "acme/api"
  tag                 = "3"
  registry_id         = "r1"
  entrypoint          = "/srv/api --listen :8080"
  arguments           = ["--nats", "nats://${qovery_container.nats.internal_host}:4222", "--redis", qovery_database.cache.internal_host]
  deployment_stage_id = qovery_deployment_stage.third.id
  ports               = [{ internal_port = 8080, external_port = 443, publicly_accessible = true }]
  healthchecks = {
    liveness_probe = {
      type                  = { grpc = { port = 8080 } }
      initial_delay_seconds = 1
      period_seconds        = 1
      timeout_seconds       = 1
      success_threshold     = 1
      failure_threshold     = 1
    }
  }
}
