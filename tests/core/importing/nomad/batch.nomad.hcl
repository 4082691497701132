variable "rows" {
  type    = number
  default = 1000
}

variable "db_password" {
  type = string
}

job "seed" {
  type = "batch"

  meta {
    owner = "data"
  }

  group "seed" {
    restart {
      attempts = 1
      mode     = "fail"
    }
    task "prepare" {
      driver = "docker"
      lifecycle { hook = "prestart" }
      config {
        image   = "busybox:1.36"
        command = "mkdir"
        args    = ["-p", "${NOMAD_ALLOC_DIR}/dump"]
      }
    }
    task "load" {
      driver = "docker"
      user   = "1000"
      config {
        image   = "acme/seed:1.4"
        command = "seed"
        args    = ["--rows", "${var.rows}"]
      }
      env {
        PGPASSWORD = var.db_password
        TABLES     = join(",", ["users", "orders"])
      }
      resources {
        cores  = 1
        memory = 300
      }
    }
    task "index" {
      driver = "docker"
      config {
        image = "acme/indexer:1.4"
      }
    }
  }
}
