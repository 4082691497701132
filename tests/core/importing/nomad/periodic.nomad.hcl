job "nightly" {
  type = "batch"
  periodic {
    crons            = ["0 3 * * *"]
    prohibit_overlap = true
  }
  group "nightly" {
    task "report" {
      driver = "docker"
      config { image = "acme/report:1" }
    }
  }
}

job "encode" {
  type = "batch"
  parameterized { payload = "required" }
  group "encode" {
    task "encode" {
      driver = "docker"
      config { image = "acme/encode:1" }
    }
  }
}

job "once" {
  type = "sysbatch"
  group "once" {
    count = 3
    task "once" {
      driver = "docker"
      config {
        image = "acme/once:1"
        mount {
          type   = "bind"
          source = "/srv"
          target = "/srv"
        }
      }
    }
  }
}
