"""A job, application or container of Qovery's → a job or service."""

import posixpath
import shlex

from bot.core.importing.entry import Entry
from bot.core.importing.qovery_place import Resource, Whole
from bot.core.importing.qovery_source import source
from bot.core.importing.qovery_variables import variables
from bot.core.reading.yaml_marks import Path, Table

_EVENTS = {"on_start": "deploy", "on_stop": "stop", "on_delete": "delete"}
_CRON = "there are no times in a preview; give it an event and run it by `matinee run`"
UNROLLED = {
    **dict.fromkeys(("for_each", "count"), "one is written for all of them; write one for each, by its own name"),
    "dynamic": "its blocks are worked out there; write them out",
    "depends_on": "it says in which order they are made, not in which they start; see needs",
    "lifecycle": "previews are not Terraform's to keep",
}
"""What Terraform itself says of a resource."""
_REASONS = {
    **dict.fromkeys(
        ("annotations_group_ids", "labels_group_ids", "annotations_groups", "labels_groups"),
        "objects of a cluster are matinee's own",
    ),
    **dict.fromkeys(("advanced_settings_json", "advanced_settings"), "there is no such setting"),
    "deployment_restrictions": "preview.paths says which pushes count",
    "custom_domains": "a preview has a host of its own; a fixed one is `domain`",
    "max_running_instances": "a preview does not scale by itself",
    "autoscaling": "a preview does not scale by itself",
    "ephemeral_storage": "a container's own file system is not limited",
    **UNROLLED,
    "is_skipped": "there is nothing that leaves one out",
}
_QUIET = {
    *(
        "id",
        "name",
        "environment_id",
        "environment",
        "deployment_stage_id",
        "auto_preview",
        "auto_deploy",
        "icon_uri",
        "state",
    ),
    *(
        "created_at",
        "updated_at",
        "description",
        "service_type",
        "job_type",
        "registry_id",
        "registry",
        "source",
    ),
    *(
        "image_name",
        "tag",
        "git_repository",
        "dockerfile_path",
        "build_mode",
        "schedule",
        "max_duration_seconds",
        "max_nb_restart",
    ),
    *(
        "maximum_cpu",
        "maximum_memory",
        "port",
        "healthchecks",
        "buildpack_language",
        "docker_target_build_stage",
    ),
}


def node(resource: Resource, at_all: Whole) -> None:
    """Write it; a cron job is left out."""
    entry, draft, job = resource.entry, at_all.draft, resource.kind == "qovery_job"
    path: Path = ("jobs" if job else "services", resource.name)
    if job and not _schedule(entry, path, at_all):
        draft.drop("jobs", resource.name)
        return
    source(resource, path, at_all)
    variables(entry, path, at_all)
    for key in ("cpu", "memory"):
        at_all.limit(entry, key, path)
    if job:
        if (checks := entry.take("healthchecks")) and checks.fields:
            checks.leave("a job is up when it ended; port says whether it answers meanwhile")
    else:
        _service(entry, path, at_all)
    entry.taken |= _QUIET
    entry.rest(_REASONS)


def _schedule(entry: Entry, path: Path, at_all: Whole) -> bool:
    schedule = entry.take("schedule")
    if schedule is None:
        entry.leave("it says not when it runs")
        return False
    if cron := schedule.take("cronjob"):
        cron.leave(_CRON)
        return False
    for theirs, ours in _EVENTS.items():
        event = schedule.take(theirs)
        if event and not isinstance(event.tree, Table):
            event.leave("a mapping is expected here")
        elif event:
            place = (*path, "on", ours)
            at_all.draft.put(place, {}, event)
            _command(event, place, at_all)
            event.rest()
            for key, known in (
                ("max_duration_seconds", "max_duration"),
                ("max_nb_restart", "restarts"),
                ("port", "port"),
            ):
                if (given := entry.take(key)) and (number := at_all.names.number(given)) and number > 0:
                    at_all.draft.put((*place, known), number, given)
    kind = schedule.take("lifecycle_type")
    if kind and kind.value != "GENERIC":
        kind.leave("its image has to bring what it calls")
    schedule.rest()
    return True


def _command(entry: Entry, path: Path, at_all: Whole) -> None:
    names, draft = at_all.names, at_all.draft
    if (given := entry.take("entrypoint")) and (text := names.text(given)):
        try:
            words = shlex.split(text)
        except ValueError:
            words = [text]
        draft.put((*path, "entrypoint"), [*words], given)
    if (given := entry.take("arguments")) and (texts := names.texts(given)):
        draft.put((*path, "args"), [*texts], given)


def _service(entry: Entry, path: Path, at_all: Whole) -> None:
    names, draft = at_all.names, at_all.draft
    _command(entry, path, at_all)
    _ports(entry, path, at_all)
    if (least := entry.take("min_running_instances")) and (number := names.number(least)) and number > 1:
        draft.put((*path, "replicas"), number, least)
    if (most := entry.take("max_running_instances")) and most.value not in (1, "1"):
        most.leave(_REASONS["max_running_instances"])
    storage = entry.take("storage")
    for item in storage.items() if storage else ():
        target = names.fixed(given) if (given := item.take("mount_point")) else ""
        size = names.number(given) if (given := item.take("size")) else None
        draft.put((*path, "volumes", posixpath.normpath(target or "/")), f"{size or 1}Gi", item)
        item.taken |= {"type", "id"}
        item.rest()
    if checks := entry.take("healthchecks"):
        _health(checks, path, at_all)


def _ports(entry: Entry, path: Path, at_all: Whole) -> None:
    names, draft = at_all.names, at_all.draft
    ports = entry.take("ports")
    found = (
        [(item, names.number(given)) for item in ports.items() if (given := item.take("internal_port"))]
        if ports
        else []
    )
    chosen = next((each for each in found if _is(each[0], "is_default")), None)
    chosen = chosen or next(
        (each for each in found if _is(each[0], "publicly_accessible")), found[0] if found else None
    )
    for item, number in found:
        item.taken |= {"external_port", "protocol", "name", "id", "publicly_accessible", "is_default"}
        item.rest()
        if chosen and item is chosen[0] and number:
            draft.put((*path, "port"), number, item)
            if _is(item, "publicly_accessible"):
                draft.flag((*path, "public"), item)
        else:
            item.leave("a service has one port here; others of it are reached inside, and none has a URL")


def _is(entry: Entry, key: str) -> bool:
    found = entry.fields.get(key)
    return found is not None and getattr(found.value, "value", None) in (True, "true")


def _health(checks: Entry, path: Path, at_all: Whole) -> None:
    """The readiness probe, else the liveness probe."""
    ready, alive = checks.take("readiness_probe"), checks.take("liveness_probe")
    if ready and alive:
        alive.leave("there is one health check; the readiness probe is taken")
    probe = ready or alive
    kind = probe.take("type") if probe else None
    if probe is None or kind is None or not _asked(kind, path, at_all):
        return
    for key, ours in (("initial_delay_seconds", "after"), ("period_seconds", "every"), ("timeout_seconds", "timeout")):
        if (given := probe.take(key)) and (number := at_all.names.number(given)) is not None:
            at_all.draft.put((*path, "health", ours), f"{number}s", given)
    probe.rest(dict.fromkeys(("success_threshold", "failure_threshold"), "it has 300 seconds to answer well once"))
    checks.rest()


def _asked(kind: Entry, path: Path, at_all: Whole) -> bool:
    names, draft = at_all.names, at_all.draft
    if tcp := kind.take("tcp"):
        draft.put((*path, "health", "tcp"), (names.number(port) if (port := tcp.take("port")) else 0) or 0, tcp)
        tcp.taken |= {"host"}
    elif http := kind.take("http"):
        number = names.number(given) if (given := http.take("port")) else None
        way = names.text(given) if (given := http.take("path")) else "/"
        if number == draft.at(*map(str, path), "port"):
            draft.put((*path, "health", "http"), way or "/", http)
        else:
            draft.put((*path, "health", "tcp"), number or 0, http)
            http.leave("it asks at another port than the service's own; it asks for that port alone")
        http.taken |= {"scheme"}
    elif command := kind.take("exec"):
        words = command.take("command")
        draft.put((*path, "health", "exec"), [*names.texts(words)] if words else [], command)
    else:
        kind.rest({"grpc": "write it as exec, with a program of the image"})
        return False
    return True
