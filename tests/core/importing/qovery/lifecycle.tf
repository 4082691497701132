terraform {
  required_providers {
    qovery = { source = "qovery/qovery" }
  }
}

provider "qovery" {
  token = var.qovery_access_token
}

variable "qovery_access_token" {
  type      = string
  sensitive = true
}

resource "qovery_environment" "preview" {
  project_id = qovery_project.shop.id
  name       = "preview-blueprint"
  mode       = "DEVELOPMENT"
  cluster_id = var.cluster_id
  environment_variables = [
    { key = "LOG_LEVEL", value = "debug" },
  ]
  secrets = [
    { key = "STRIPE_KEY", value = var.stripe_key },
  ]
}

resource "qovery_database" "db" {
  environment_id = qovery_environment.preview.id
  name           = "shop-db"
  type           = "POSTGRESQL"
  version        = "16"
  mode           = "CONTAINER"
  accessibility  = "PRIVATE"
  cpu            = 250
  memory         = 512
  storage        = 10
}

resource "qovery_job" "seed" {
  environment_id       = qovery_environment.preview.id
  name                 = "Seed database"
  cpu                  = 500
  memory               = 512
  max_duration_seconds = 600
  max_nb_restart       = 1
  auto_preview         = true

  schedule = {
    on_start = {
      entrypoint = "/bin/sh"
      arguments  = ["-c", "make seed"]
    }
    on_stop = {
      entrypoint = "/bin/sh"
      arguments  = ["-c", "make backup"]
    }
    on_delete = {
      arguments = ["drop"]
    }
  }

  source = {
    docker = {
      dockerfile_path = "Dockerfile.seed"
      git_repository = {
        url       = "https://github.com/acme/shop.git"
        branch    = "main"
        root_path = "/db"
      }
    }
  }

  environment_variables = [
    { key = "DB_HOST", value = qovery_database.db.internal_host },
    { key = "DB_PORT", value = qovery_database.db.port },
    { key = "DB_PASSWORD", value = qovery_database.db.password },
  ]

  healthchecks = {}
}

resource "qovery_application" "web" {
  environment_id        = qovery_environment.preview.id
  name                  = "web"
  build_mode            = "DOCKER"
  dockerfile_path       = "Dockerfile"
  min_running_instances = 2
  max_running_instances = 4
  git_repository = {
    url    = "https://github.com/acme/shop.git"
    branch = "main"
  }
  ports = [
    { internal_port = 3000, external_port = 443, publicly_accessible = true, protocol = "HTTP", is_default = true },
    { internal_port = 9394, publicly_accessible = false, protocol = "HTTP", name = "metrics" },
  ]
  storage = [{ type = "FAST_SSD", size = 5, mount_point = "/uploads/" }]
  environment_variable_aliases = [
    { key = "DATABASE_URL", value = "QOVERY_POSTGRESQL_Z1F5C3A27_DATABASE_URL_INTERNAL" },
    { key = "SEED_TOKEN", value = "QOVERY_OUTPUT_JOB_Z7AB2D0C1_TOKEN" },
    { key = "LEVEL", value = "LOG_LEVEL" },
    { key = "CACHE", value = "QOVERY_REDIS_Z00000000_HOST_INTERNAL" },
  ]
  healthchecks = {
    readiness_probe = {
      type                  = { http = { port = 3000, path = "/healthz", scheme = "HTTP" } }
      initial_delay_seconds = 10
      period_seconds        = 5
      timeout_seconds       = 3
      success_threshold     = 1
      failure_threshold     = 3
    }
    liveness_probe = {
      type                  = { tcp = { port = 3000 } }
      initial_delay_seconds = 10
      period_seconds        = 10
      timeout_seconds       = 5
      success_threshold     = 1
      failure_threshold     = 3
    }
  }
  custom_domains = [{ domain = "shop.example.com" }]
}
