job "configured" {
  group "app" {
    network {
      port "http" { to = 80 }
    }
    task "nginx" {
      driver = "docker"
      config {
        image = "nginx:1.27"
        ports = ["http"]
        volumes = ["local/default.conf:/etc/nginx/conf.d/default.conf"]
      }
      template {
        data = <<EOH
server {
  listen {{ env "NOMAD_PORT_http" }};
  location / { return 200 "$${host} ok"; }
}
EOH
        destination   = "local/default.conf"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        perms         = "644"
      }
      template {
        data = <<EOH
# what the application reads
LOG_LEVEL={{ key "app/log_level" }}
API_TOKEN="{{ with secret "secret/data/app" }}{{ .Data.data.token }}{{ end }}"
REGION=eu
{{ range service "db" }}
DB_ADDR={{ .Address }}:{{ .Port }}
{{ end }}
EOH
        destination = "secrets/app.env"
        env         = true
      }
      template {
        source      = "local/from-artifact.tpl"
        destination = "local/x.conf"
      }
      template {
        data        = "{{ with nomadVar \"nomad/jobs/configured\" }}{{ .motd }}{{ end }}"
        destination = "${NOMAD_TASK_DIR}/motd"
      }
      artifact { source = "https://example.com/templates.tgz" }
      vault { policies = ["app"] }
    }
  }
}
