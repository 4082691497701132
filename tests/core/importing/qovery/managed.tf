resource "qovery_database" "main" {
  environment_id = "e1"
  name           = "main"
  type           = "MYSQL"
  version        = "8.0"
  mode           = "MANAGED"
  instance_type  = "db.t3.micro"
  storage        = 20
}
resource "qovery_database" "docs" {
  environment_id = "e1"
  name           = "docs"
  type           = "MONGODB"
  version        = "7.0"
  mode           = "CONTAINER"
}
resource "qovery_database" "odd" {
  environment_id = "e1"
  name           = "odd"
  type           = "CASSANDRA"
  version        = "4"
  mode           = "CONTAINER"
}
resource "qovery_container" "admin" {
  environment_id = "e1"
  name           = "admin"
  image_name     = "ghcr.io/acme/admin"
  tag            = "1"
  registry_id    = "r1"
  environment_variables = [
    { key = "MYSQL", value = "${qovery_database.main.login}:${qovery_database.main.password}@${qovery_database.main.internal_host}:${qovery_database.main.port}" },
  ]
  environment_variable_aliases = [
    { key = "MONGO", value = "QOVERY_MONGODB_Z12345678_DATABASE_URL" },
  ]
  environment_variable_overrides = [{ key = "TZ", value = "UTC" }]
  external_secrets               = [{ key = "LICENSE_KEY", reference = "prod/license" }]
  secret_aliases                 = [{ key = "LICENSE", value = "LICENSE_KEY" }]
  autoscaling                    = { polling_interval_seconds = 30 }
  healthchecks = {
    readiness_probe = {
      type                  = { tcp = { port = 9000, host = "localhost" } }
      initial_delay_seconds = 0
      period_seconds        = 2
      timeout_seconds       = 2
      success_threshold     = 1
      failure_threshold     = 9
    }
  }
}
