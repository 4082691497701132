# prestart, ephemeral: wait for the database
job "web-with-init" {
  datacenters = ["dc1"]
  type        = "service"

  group "database" {
    network {
      mode = "bridge"
      port "pg" { static = 5432 }
    }
    service {
      name = "database"
      port = "pg"
      check {
        name     = "alive"
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }
    volume "pgdata" {
      type      = "host"
      source    = "pgdata"
      read_only = false
    }
    task "postgres" {
      driver = "docker"
      volume_mount {
        volume      = "pgdata"
        destination = "/var/lib/postgresql/data"
        read_only   = false
      }
      env {
        POSTGRES_PASSWORD = "preview"
      }
      config {
        image = "postgres:16"
        ports = ["pg"]
      }
      resources {
        cpu    = 500
        memory = 512
      }
    }
  }

  group "web" {
    count = 2
    network {
      port "http" { to = 8080 }
    }
    task "await-database" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = false
      }
      config {
        image   = "busybox:1.36"
        command = "sh"
        args    = ["-c", "until nc -z database 5432; do echo waiting; sleep 1; done"]
      }
      resources { memory = 32 }
    }
    task "web" {
      driver = "docker"
      config {
        image = "acme/web:1.4"
        ports = ["http"]
      }
      service {
        name = "web"
        port = "http"
        tags = ["traefik.enable=true", "traefik.http.routers.web.rule=Host(`web.example.com`)"]
        check {
          type     = "http"
          path     = "/health"
          interval = "5s"
          timeout  = "2s"
        }
      }
      kill_timeout = "30s"
    }
    restart {
      attempts = 2
      interval = "30m"
      delay    = "15s"
      mode     = "fail"
    }
    update {
      max_parallel = 1
      canary       = 1
    }
  }
}
