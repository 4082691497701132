# blocks that are worked out, come several times, or stand where nothing takes them
variable "tag" {
  default = "2"
  validation {
    condition     = length(var.tag) > 0
    error_message = "no tag"
  }
}

locals {
  ports = { http = 8080, metrics = 9100 }
}

job "pipeline" {
  group "api" {
    network {
      dynamic "port" {
        for_each = local.ports
        labels   = [port.key]
        content {
          to = port.value
        }
      }
    }
    volume "data" {
      type   = "host"
      source = "data"
    }
    service {
      name = "api"
      port = "http"
      check {
        type     = "http"
        path     = "/up"
        interval = "10s"
        timeout  = "2s"
      }
    }
    task "wait" {
      lifecycle {
        hook = "prestart"
      }
      driver = "docker"
      config {
        image   = "busybox:1"
        command = "sh"
        args    = ["-c", "until nc -z db 5432; do sleep 1; done"]
      }
    }
    task "api" {
      leader = true
      driver = "docker"
      config {
        image = "registry.example/api:${var.tag}"
        args  = ["--name", upper(var.tag), join(",", ["a", "b"])]
      }
      dynamic "template" {
        for_each = ["a", "b"]
        content {
          data        = template.value
          destination = "local/${template.value}.conf"
        }
      }
      dynamic "env" {
        for_each = ["x"]
        content {}
      }
      template {
        data = "nowhere"
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
      }
      resources {
        cpu    = 500
        memory = 256
      }
    }
    task "tail" {
      lifecycle {
        hook    = "poststart"
        sidecar = true
      }
      driver = "docker"
      config {
        image = "fluent/fluent-bit:3"
      }
      restart {
        attempts = 3
      }
    }
    task "report" {
      lifecycle {
        hook = "poststop"
      }
      driver = "docker"
      config {
        image = "curlimages/curl:8"
      }
    }
  }

  group "db" {
    network {
      port "pg" {
        to = 5432
      }
    }
    task "pg" {
      driver = "docker"
      config {
        image = "postgres:16"
        ports = ["pg"]
      }
      service {
        name = "db"
        port = "pg"
      }
    }
  }
}

job "load" {
  type = "batch"
  group "load" {
    service {
      name = "load"
    }
    task "load" {
      driver = "docker"
      config {
        image = "registry.example/load:1"
      }
    }
  }
}

plugin "csi" "disk" {}
plugin "csi" "net" {}
