{{- define "kubetemplater.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* For what is not in a namespace: no two releases have the same. */}}
{{- define "kubetemplater.clustername" -}}
{{- printf "%s.%s" (include "kubetemplater.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "kubetemplater.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
control-plane: controller-manager
{{- end -}}

{{- define "kubetemplater.labels" -}}
{{ include "kubetemplater.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "kubetemplater.serviceaccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "kubetemplater.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The Secret of the webhooks' certificate: the operator's, cert-manager's, or a given one. */}}
{{- define "kubetemplater.certificate" -}}
{{- if eq .Values.webhook.certificateMode "cloud-native" -}}
{{- required "webhook.certificate.existingSecret must name the Secret of the certificate when webhook.certificateMode is cloud-native" .Values.webhook.certificate.existingSecret -}}
{{- else -}}
{{- include "kubetemplater.fullname" . }}-webhook-cert
{{- end -}}
{{- end -}}

{{/* The files that are made from the operator's code, with the names of this release. */}}
{{- define "kubetemplater.renamed" -}}
{{- .text
  | replace "kubetemplater-validating-webhook-configuration" (include "kubetemplater.clustername" .root)
  | replace "kubetemplater-webhook-service" (printf "%s-webhook" (include "kubetemplater.fullname" .root))
  | replace "kubetemplater-webhook-cert" (include "kubetemplater.certificate" .root)
  | replace "namespace: kubetemplater-system" (printf "namespace: %s" .root.Release.Namespace) -}}
{{- end -}}
