resource "qovery_job" "nightly" {
  environment_id = "e1"
  name           = "nightly"
  schedule = {
    cronjob = {
      schedule = "0 3 * * *"
      command  = { entrypoint = "/bin/sh", arguments = ["-c", "report"] }
    }
  }
  source       = { image = { registry_id = "r1", name = "debian", tag = "stable" } }
  healthchecks = {}
}
resource "qovery_job" "warm" {
  environment_id = "e1"
  name           = "warm up"
  schedule       = { on_start = { entrypoint = "warm 'the cache'" } }
  source         = { image = { registry_id = "r1", name = "debian", tag = "stable" } }
  max_nb_restart = 0
  healthchecks   = {}
}
resource "qovery_helm" "ingress" {
  environment_id = "e1"
  name           = "ingress"
}
resource "aws_s3_bucket" "uploads" {
  bucket = "uploads"
}
output "url" { value = "x" }
