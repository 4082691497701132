# what Terraform works out, and what it says of resources itself
variable "workers" {
  type    = map(string)
  default = { mail = "send", index = "build" }
}

resource "qovery_deployment_stage" "late" {
  environment_id = var.environment
  name           = "late"
  is_after       = data.qovery_deployment_stage.default.id
}

resource "qovery_job" "worker" {
  for_each            = var.workers
  environment_id      = var.environment
  deployment_stage_id = var.stage
  name                = each.key
  source = {
    docker = {
      git_repository  = { url = "https://git.example/acme/shop.git", branch = "main", root_path = "/worker" }
      dockerfile_path = "Dockerfile"
    }
  }
  schedule = {
    on_start  = { entrypoint = "run", arguments = ["start", each.value] }
    on_stop   = { arguments = ["stop"] }
    on_delete = { entrypoint = "drop" }
  }
}

resource "qovery_job" "bucket" {
  count          = 1
  environment_id = var.environment
  name           = "bucket"
  source         = { image = { registry_id = "r", name = "acme/terraform", tag = "1" } }
  schedule = {
    lifecycle_type = "TERRAFORM"
    on_start       = { arguments = ["apply"] }
    on_delete      = { arguments = ["destroy"] }
  }
  secrets    = [{ key = "AWS_SECRET_ACCESS_KEY", value = "0123456789abcdef" }]
  depends_on = [qovery_job.worker]
  lifecycle {
    prevent_destroy = true
  }
}

resource "qovery_application" "web" {
  environment_id = var.environment
  name           = "web"
  git_repository = { url = "https://git.example/acme/shop.git" }
  build_mode     = "DOCKER"
  ports          = [{ internal_port = 3000, publicly_accessible = true, is_default = true }]
  dynamic "custom_domains" {
    for_each = ["shop.example"]
    content {
      domain = custom_domains.value
    }
  }
}

module "api" {
  source = "./modules/service"
}

module "registry" {
  source = "acme/registry/qovery"
}

moved {
  from = qovery_job.a
  to   = qovery_job.bucket
}
