job "countdash" {
  datacenters = ["dc1"]

  group "api" {
    network { mode = "bridge" }
    service {
      name = "count-api"
      port = "9001"
      connect {
        sidecar_service {}
      }
    }
    task "web" {
      driver = "docker"
      config {
        image          = "acme/counter-api:3"
        auth_soft_fail = true
      }
    }
  }

  group "dashboard" {
    network {
      mode = "bridge"
      port "http" {
        static = 9002
        to     = 9002
      }
    }
    service {
      name = "count-dashboard"
      port = "http"
      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "count-api"
              local_bind_port  = 8080
            }
          }
        }
      }
      check {
        type     = "grpc"
        interval = "10s"
        timeout  = "2s"
      }
    }
    task "dashboard" {
      driver = "docker"
      env { COUNTING_SERVICE_URL = "http://${NOMAD_UPSTREAM_ADDR_count_api}" }
      config { image = "acme/counter-dashboard:3" }
    }
  }
}
