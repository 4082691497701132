# the companion sidecars: started before, and after
job "shop" {
  datacenters = ["dc1"]
  group "api" {
    network {
      mode = "bridge"
      port "http" {}
      port "metrics" { to = 9102 }
    }
    task "fluentbit" {
      driver = "docker"
      lifecycle {
        hook    = "poststart"
        sidecar = true
      }
      config {
        image = "fluent/fluent-bit:3.1"
        args  = ["-c", "/local/fluent-bit.conf"]
      }
      template {
        destination = "local/fluent-bit.conf"
        data        = <<-EOF
          [INPUT]
              Name tail
              Path {{ env "NOMAD_ALLOC_DIR" }}/logs/*
          [OUTPUT]
              Name stdout
        EOF
      }
    }
    task "proxy" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      config {
        image = "envoyproxy/envoy:v1.31.0"
        ports = ["metrics"]
      }
      service {
        name = "envoy"
        port = "metrics"
        check {
          type     = "http"
          path     = "/ready"
          interval = "2s"
          timeout  = "1s"
        }
      }
    }
    task "api" {
      leader = true
      driver = "docker"
      config {
        image = "acme/api:2"
        ports = ["http"]
      }
      env {
        LISTEN  = "0.0.0.0:${NOMAD_PORT_http}"
        STATSD  = "${NOMAD_ADDR_metrics}"
        SCRATCH = "${NOMAD_ALLOC_DIR}/scratch"
        NODE    = "${attr.unique.hostname}"
      }
    }
  }
}
