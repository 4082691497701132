job "report" {
  type = "service"
  group "report" {
    task "report" {
      driver = "docker"
      config {
        image = "acme/report:1"
      }
    }
    task "announce" {
      driver = "docker"
      lifecycle {
        hook = "poststop"
      }
      config {
        image      = "alpine/curl:8.9"
        entrypoint = ["/bin/sh", "-c"]
        args       = ["curl -fsS -d done https://hooks.example.com/$ROOM"]
      }
      env { ROOM = "preview" }
      restart { attempts = 3 }
    }
    task "never" {
      driver = "docker"
      lifecycle {
        hook    = "poststop"
        sidecar = true
      }
      config { image = "busybox:1.36" }
    }
  }
}
