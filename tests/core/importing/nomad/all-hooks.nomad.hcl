job "all-hooks" {
  group "g" {
    task "init-ephemeral" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = false
      }
      config {
        image = "busybox:1"
        args  = ["true"]
      }
    }
    task "init-sidecar" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      config { image = "acme/tunnel:1" }
    }
    task "after-ephemeral" {
      driver = "docker"
      lifecycle { hook = "poststart" }
      config {
        image   = "busybox:1"
        command = "echo"
        args    = ["started"]
      }
    }
    task "after-sidecar" {
      driver = "docker"
      lifecycle {
        hook    = "poststart"
        sidecar = true
      }
      config { image = "acme/shipper:1" }
    }
    task "end" {
      driver = "docker"
      lifecycle {
        hook    = "poststop"
        sidecar = false
      }
      config {
        image = "busybox:1"
        args  = ["echo", "over"]
      }
    }
    task "one" {
      driver = "docker"
      config { image = "acme/one:1" }
    }
    task "two" {
      driver = "docker"
      config { image = "acme/two:1" }
    }
  }
}
