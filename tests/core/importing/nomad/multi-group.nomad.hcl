job "platform" {
  type = "service"
  group "redis" {
    network {
      port "db" { to = 6379 }
    }
    task "redis" {
      driver = "docker"
      config {
        image = "redis:7-alpine"
        ports = ["db"]
      }
    }
  }
  group "Web_Frontend" {
    network {
      port "web" { to = 3000 }
    }
    task "web" {
      driver = "docker"
      config {
        image = "acme/frontend:5"
        ports = ["web"]
      }
      service {
        port = "web"
        check {
          type     = "http"
          path     = "/"
          interval = "10s"
          timeout  = "3s"
          check_restart {
            limit = 3
          }
        }
      }
    }
    task "nginx" {
      driver = "docker"
      config {
        image   = "nginx:1.27"
        cap_add = ["net_admin"]
      }
    }
    ephemeral_disk { size = 300 }
  }
}
job "migrate" {
  type = "batch"
  group "migrate" {
    task "migrate" {
      driver = "docker"
      config {
        image   = "acme/api:5"
        command = "migrate"
      }
    }
  }
}
