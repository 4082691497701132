"""What a spec may not reach, by whatever key or value: each way out is refused, and by its name."""

import pytest

from bot.core.reading.spec import Unreadable, read

KEYS = {
    "a service account": "serviceAccountName: admin",
    "its old name": "serviceAccount: admin",
    "a token of the API": "automountServiceAccountToken: true",
    "a node": "nodeName: node-1",
    "nodes by their labels": "nodeSelector: {role: control-plane}",
    "an affinity": "affinity: {nodeAffinity: {}}",
    "a toleration": "tolerations: [{operator: Exists}]",
    "a runtime": "runtimeClassName: runc",
    "a priority": "priorityClassName: system-node-critical",
    "a scheduler": "schedulerName: mine",
    "the host's network": "hostNetwork: true",
    "the host's processes": "hostPID: true",
    "the host's memory": "hostIPC: true",
    "the host's users": "hostUsers: true",
    "a port of the host": "hostPort: 80",
    "several of them": "ports: [{hostPort: 80}]",
    "a name of its own for others": "hostAliases: [{ip: 10.96.0.1, hostnames: [db]}]",
    "a name server": "dnsConfig: {nameservers: [203.0.113.9]}",
    "a host's name": "hostname: node-1",
    "processes of the others": "shareProcessNamespace: true",
    "privileges": "privileged: true",
    "a capability": "capabilities: {add: [SYS_ADMIN]}",
    "the same, as Compose has it": "cap_add: [SYS_ADMIN]",
    "a security context": "securityContext: {privileged: true}",
    "a profile": "security_opt: ['seccomp:unconfined']",
    "a device": "devices: [/dev/kvm]",
    "a kernel's setting": "sysctls: {kernel.msgmax: 1}",
    "another namespace": "namespace: kube-system",
    "a network": "network_mode: host",
    "another's processes": "pid: host",
    "labels": "labels: {matinee.dev/environment: github-1-8}",
    "annotations": "annotations: {nginx.ingress.kubernetes.io/server-snippet: x}",
    "variables from elsewhere": "envFrom: [{secretRef: {name: standing}}]",
    "a variable from elsewhere": "env: [{name: A, valueFrom: {secretKeyRef: {name: standing, key: sealed}}}]",
    "a mount": "volumeMounts: [{name: host, mountPath: /host}]",
    "pull secrets": "imagePullSecrets: [{name: theirs}]",
    "the life of a container": "lifecycle: {postStart: {exec: {command: [sh]}}}",
    "a type of service": "type: LoadBalancer",
    "an address of somebody's": "externalIPs: [10.96.0.1]",
    "a class of entrance": "ingressClassName: internal",
}
VALUES = {
    "a folder of the host": ("volumes: {/data: {hostPath: /}}", "volumes./data", "a text is wanted"),
    "a folder of the host, as Compose has it": ("volumes: ['/:/host']", "volumes", "a mapping is wanted"),
    "the name of a claim": ("volumes: {/data: claim-of-another}", "volumes./data", "is no size"),
    "the kernel's processes": ("volumes: {/proc: 1Gi}", "volumes./proc", "cannot be mounted"),
    "the kernel's settings": (
        "files: {/sys/kernel/uevent_helper: /x}",
        "files./sys/kernel/uevent_helper",
        "the kernel's",
    ),
    "devices": ("volumes: {/dev/shm: 1Gi}", "volumes./dev/shm", "the kernel's"),
    "a way around": ("files: {/etc/../proc/sysrq: b}", "files./etc/../proc/sysrq", "goes through . or .."),
    "another's name": ("needs: [web.kube-system]", "needs[0]", "is no name"),
    "another's host": ("public: true, port: 80, domain: '*.example.com'", "domain", "is no host"),
    "a host that is an address": ("public: true, port: 80, domain: 10.96.0.1", "domain", "is no host"),
    "a host with a path": ("public: true, port: 80, domain: shop.example.com/admin", "domain", "is no host"),
    "a name with a line in it": ('variables: {"A\\nB": x}', "variables.A", "is no variable name"),
    "a name with a value in it": (
        "variables: {'A=1 LD_PRELOAD': x}",
        "variables.A=1 LD_PRELOAD",
        "is no variable name",
    ),
    "what we say ourselves": ("variables: {MATINEE_OUTPUT_FILE: /etc}", "variables.MATINEE_OUTPUT_FILE", "gives the"),
    "another job's output": ("variables: {QOVERY_OUTPUT_JOB_1_A: x}", "variables.QOVERY_OUTPUT_JOB_1_A", "gives the"),
    "a user with more in it": ("user: '0:0:x'", "user", "is no user"),
    "a user below zero": ("user: -1", "user", "is no user id"),
    "a port beside the others": ("port: 0", "port", "is no port"),
    "a probe of another host": ("health: {http: 'http://10.96.0.1/'}, port: 80", "health.http", "begin it with /"),
    "a probe of another's port": ("health: {tcp: '10.96.0.1:443'}", "health.tcp", "a whole number is wanted"),
    "all there is": ("resources: {cpu: '1000000'}", "resources.cpu", "is no share of processors"),
    "more of them than there are": ("replicas: 1000000", "replicas", "use 1 to 20"),
}
NAMES = ("../kube-system", "web.kube-system", "web/exec", "Web", "web\\n", "-web", "w" * 41, "web;rm", "${secrets.A}")


def said(keys: str, *, name: str = "web") -> str:
    found = read(f'version: 1\nservices: {{"{name}": {{image: a, {keys}}}}}\n'.encode())
    assert isinstance(found, Unreadable), found
    return str(found)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_what_reaches_out_of_a_preview_has_no_key(key):
    name = key.partition(":")[0]
    assert f"services.web.{name}: there is no key {name} here" in said(key)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("services.web.tasks.t", "services: {web: {image: a, tasks: {t: {image: a, %s}}}}"),
        ("jobs.web", "jobs: {web: {image: a, 'on': {deploy: {}}, %s}}"),
        ("jobs.web.on.deploy", "jobs: {web: {image: a, 'on': {deploy: {%s}}}}"),
        ("", "services: {web: {image: a}}\n%s"),
    ],
    ids=["task", "job", "event", "environment"],
)
def test_it_has_none_elsewhere_either(where, text, key):
    name = key.partition(":")[0]
    found = read(f"version: 1\n{text % key}\n".encode())
    assert isinstance(found, Unreadable)
    assert f"{f'{where}.' if where else ''}{name}: there is no key {name} here" in str(found)


@pytest.mark.parametrize(("keys", "where", "why"), VALUES.values(), ids=VALUES.keys())
def test_no_value_of_a_key_reaches_out_of_a_preview(keys, where, why):
    problem = said(keys)
    assert f"services.web.{where}" in problem
    assert why in problem


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name_and_nothing_more(name):
    assert "is no name; use at most 40 of a-z, 0-9 and -" in said("port: 80", name=name)
