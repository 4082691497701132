variable "branch" { default = "main" }
variable "sentry_dsn" {}
variable "region" {}
resource "qovery_project" "p" {
  organization_id       = "o1"
  name                  = "site"
  environment_variables = [{ key = "REGION", value = var.region }]
}
resource "qovery_application" "site" {
  environment_id     = "e1"
  name               = "site"
  build_mode         = "BUILDPACKS"
  buildpack_language = "NODE_JS"
  git_repository     = { url = "https://github.com/acme/site.git", branch = var.branch, root_path = "/" }
  ports              = [{ internal_port = 3000, publicly_accessible = true, external_port = 443 }]
  environment_variables = [
    { key = "SENTRY_DSN", value = var.sentry_dsn },
    { key = "HOST", value = "https://${qovery_application.docs.external_host}" },
    { key = "DOCS", value = "http://${qovery_application.docs.internal_host}:8000" },
  ]
  deployment_restrictions = [{ mode = "MATCH", type = "PATH", value = "site/" }]
}
resource "qovery_application" "site_worker" {
  environment_id  = "e1"
  name            = "site"
  build_mode      = "DOCKER"
  dockerfile_path = "worker.Dockerfile"
  git_repository  = { url = "https://github.com/acme/site.git", branch = var.branch }
}
resource "qovery_application" "docs" {
  environment_id  = "e1"
  name            = "docs"
  build_mode      = "DOCKER"
  dockerfile_path = "Dockerfile"
  git_repository  = { url = "https://github.com/acme/docs.git", branch = "release", root_path = "site" }
  ports           = [{ internal_port = 8000, publicly_accessible = false }]
}
