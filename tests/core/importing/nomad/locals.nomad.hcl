variable "image_tag" {
  description = "what to run"
  default     = "v7"
}
variable "registry" { default = "registry.example.com" }
variable "log_level" {}
variable "ports" {
  default = { http = 3000 }
}

locals {
  image = "${var.registry}/acme/site:${var.image_tag}"
  args  = ["serve", "--port", "3000"]
}

job "site" {
  region    = "eu"
  namespace = "web"
  group "site" {
    count = var.count
    network {
      port "http" { to = var.ports.http }
    }
    dynamic "task" {
      for_each = ["a", "b"]
      content {
        driver = "docker"
      }
    }
    task "site" {
      driver = "docker"
      config {
        image       = local.image
        args        = local.args
        ports       = ["http"]
        force_pull  = true
        labels {
          team = "web"
        }
      }
      env = {
        LOG_LEVEL = var.log_level
        VERSION   = upper(var.image_tag)
        PRICE     = "$${5}"
        PERCENT   = "%%{x}"
      }
      meta { build = "${var.image_tag}" }
      logs { max_files = 2 }
    }
  }
}
