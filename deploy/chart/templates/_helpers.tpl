{{- define "matinee.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "matinee.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "matinee.labels" -}}
{{ include "matinee.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "matinee.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "matinee.fullname" . }}
{{- end -}}

{{- define "matinee.prefix" -}}
{{- default "matinee-" .Values.settings.namespace_prefix -}}
{{- end -}}

{{- define "matinee.image" -}}
{{- $repository := required "image.repository: say where the image is, like registry.example/matinee" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "matinee.keySecret" -}}
{{- default (printf "%s-encryption-key" (include "matinee.fullname" .)) .Values.encryptionKey.existingSecret -}}
{{- end -}}

{{- define "matinee.claim" -}}
{{- default (include "matinee.fullname" .) .Values.persistence.existingClaim -}}
{{- end -}}

{{- define "matinee.buildkitNamespace" -}}
{{- default .Release.Namespace .Values.buildkit.namespace -}}
{{- end -}}

{{- define "matinee.buildkitServerSecret" -}}
{{- default "buildkit-tls" .Values.buildkit.certificates.existingSecret -}}
{{- end -}}

{{- define "matinee.buildkitClientSecret" -}}
{{- if .Values.buildkit.clientSecret -}}
{{- .Values.buildkit.clientSecret -}}
{{- else if .Values.buildkit.enabled -}}
{{- include "matinee.fullname" . }}-buildkit
{{- end -}}
{{- end -}}

{{/* Every setting that is no secret: what the chart knows, then what the values say. */}}
{{- define "matinee.settings" -}}
{{- $name := include "matinee.fullname" . -}}
{{- $all := dict "runner" "kubernetes" "builder" "buildkit" "secrets_secret" (printf "%s/%s-secrets" .Release.Namespace $name) -}}
{{- if and .Values.ingress.enabled .Values.ingress.host -}}
{{- $_ := set $all "public_url" (printf "%s://%s" (ternary "https" "http" (ne .Values.ingress.tlsSecret "")) .Values.ingress.host) -}}
{{- end -}}
{{- if .Values.buildkit.enabled -}}
{{- $_ := set $all "buildkit_address" (printf "tcp://buildkit.%s.svc:1234" (include "matinee.buildkitNamespace" .)) -}}
{{- end -}}
{{- if include "matinee.buildkitClientSecret" . -}}
{{- range list "ca" "cert" "key" -}}
{{- $_ := set $all (printf "buildkit_tls_%s" .) (printf "/run/matinee/buildkit/%s.pem" .) -}}
{{- end -}}
{{- end -}}
{{- if .Values.registry.credentialsSecret -}}
{{- $_ := set $all "registry_credentials_file" "/run/matinee/registry/config.json" -}}
{{- end -}}
{{- if .Values.registry.pullCredentialsSecret -}}
{{- $_ := set $all "registry_pull_credentials_file" "/run/matinee/registry-pull/config.json" -}}
{{- end -}}
{{- $all = merge (dict "listen" "0.0.0.0:8080" "state" "/var/lib/matinee") .Values.settings $all -}}
{{- toYaml $all -}}
{{- end -}}

{{/* What the bot and the pod of `helm test` have in common. */}}
{{- define "matinee.env" -}}
{{- range $name, $value := include "matinee.settings" . | fromYaml }}
- {name: MATINEE_{{ upper $name }}, value: {{ $value | quote }}}
{{- end }}
- {name: MATINEE_ENCRYPTION_KEY_FILE, value: /run/matinee/key/encryption_key}
{{- range .Values.credentials.keys }}
- {name: MATINEE_{{ upper . }}_FILE, value: /run/matinee/credentials/{{ . }}}
{{- end }}
{{- if .Values.database.existingSecret }}
- name: MATINEE_DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: database_url}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "matinee.mounts" -}}
- {name: state, mountPath: /var/lib/matinee}
- {name: scratch, mountPath: /tmp}
- {name: credentials, mountPath: /run/matinee/credentials, readOnly: true}
- {name: key, mountPath: /run/matinee/key, readOnly: true}
{{- if include "matinee.buildkitClientSecret" . }}
- {name: buildkit, mountPath: /run/matinee/buildkit, readOnly: true}
{{- end }}
{{- if .Values.registry.credentialsSecret }}
- {name: registry, mountPath: /run/matinee/registry, readOnly: true}
{{- end }}
{{- if .Values.registry.pullCredentialsSecret }}
- {name: registry-pull, mountPath: /run/matinee/registry-pull, readOnly: true}
{{- end }}
{{- if .Values.caBundle.configMap }}
- {name: authorities, mountPath: /etc/ssl/certs/ca-certificates.crt, subPath: ca-certificates.crt, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* All but the state. */}}
{{- define "matinee.volumes" -}}
- {name: scratch, emptyDir: {}}
- name: credentials
  secret:
    secretName: {{ required "credentials.existingSecret: name the Secret with the forge's token and webhook secret" .Values.credentials.existingSecret }}
    items:
      {{- range .Values.credentials.keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
- {name: key, secret: {secretName: {{ include "matinee.keySecret" . }}}}
{{- with include "matinee.buildkitClientSecret" . }}
- {name: buildkit, secret: {secretName: {{ . }}}}
{{- end }}
{{- with .Values.registry.credentialsSecret }}
- {name: registry, secret: {secretName: {{ . }}, items: [{key: .dockerconfigjson, path: config.json}]}}
{{- end }}
{{- with .Values.registry.pullCredentialsSecret }}
- {name: registry-pull, secret: {secretName: {{ . }}, items: [{key: .dockerconfigjson, path: config.json}]}}
{{- end }}
{{- with .Values.caBundle }}
{{- if .configMap }}
- {name: authorities, configMap: {name: {{ .configMap }}, items: [{key: {{ .key }}, path: ca-certificates.crt}]}}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "matinee.podSecurity" -}}
{runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, fsGroupChangePolicy: OnRootMismatch, seccompProfile: {type: RuntimeDefault}}
{{- end -}}

{{- define "matinee.containerSecurity" -}}
{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end -}}
