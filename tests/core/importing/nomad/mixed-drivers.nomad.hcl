job "legacy" {
  type     = "service"
  priority = 70
  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }
  group "java" {
    task "app" {
      driver = "java"
      config {
        jar_path    = "local/app.jar"
        jvm_options = ["-Xmx512m"]
      }
      artifact { source = "https://example.com/app.jar" }
    }
  }
  group "script" {
    task "run" {
      driver = "raw_exec"
      config { command = "/usr/local/bin/run.sh" }
    }
  }
  group "containers" {
    task "cache" {
      driver = "podman"
      config {
        image = "docker://redis:7"
        args  = ["--save", ""]
      }
      resources {
        cpu        = 250
        memory     = 128
        memory_max = 256
        network {
          mbits = 10
          port "redis" { static = 6379 }
        }
      }
      service {
        name = "cache"
        port = "redis"
        check {
          type     = "script"
          command  = "redis-cli"
          args     = ["ping"]
          interval = "10s"
          timeout  = "1s"
        }
        check {
          type     = "tcp"
          interval = "10s"
          timeout  = "1s"
        }
      }
    }
  }
}
