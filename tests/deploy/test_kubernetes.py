"""The manifests for Kubernetes: each keeps to the schema of its kind, and what one names another one has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml
from fastapi.routing import iter_route_contexts

from environment.settings import Settings
from tests.application import application

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
Manifest = Mapping[str, Any]
OLDEST: Final = "1.33"
"""The oldest version of Kubernetes that the manifests are held against."""
OTHERS: Final = {"nginxinc/nginx-unprivileged:1.28-alpine"}


@cache
def manifests() -> tuple[Manifest, ...]:
    """All that is applied."""
    files = [path for path in sorted(FOLDER.glob("*.yaml")) if path.stem != "kustomization"]
    return tuple(one for path in files for one in yaml.load_all(path.read_text(), yaml.CSafeLoader))


def called(one: Manifest) -> str:
    """Kind and name."""
    return f"{one['kind']} {one['metadata']['name']}"


def pods() -> Iterator[tuple[str, Manifest]]:
    """The pods' templates by what makes them."""
    for one in manifests():
        if "template" in one.get("spec", {}):
            yield called(one), one["spec"]["template"]


def containers() -> Iterator[tuple[str, Manifest]]:
    """Each container by its pod and name."""
    for name, template in pods():
        for container in template["spec"]["containers"]:
            yield f"{name}/{container['name']}", container


def named(kind: str, name: str) -> Manifest:
    """One manifest."""
    return next(one for one in manifests() if called(one) == f"{kind} {name}")


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
@pytest.mark.parametrize("manifest", manifests(), ids=called)
def test_a_manifest_keeps_to_the_schema_of_its_kind(manifest: Manifest, version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_everything_is_applied_into_the_namespace_that_asks_for_restricted_pods() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    files = [path.name for path in FOLDER.glob("*.yaml") if path.stem != "kustomization"]
    assert sorted(listed["resources"]) == sorted(files)
    assert [one["name"] for one in listed["images"]] == ["ebok"]
    spaces = {called(one): one["metadata"].get("namespace") for one in manifests()}
    assert spaces.pop("Namespace ebok") is None
    assert set(spaces.values()) == {"ebok"}
    assert named("Namespace", "ebok")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize(("name", "template"), list(pods()))
def test_a_pod_is_what_the_restricted_standard_asks_for(name: str, template: Manifest) -> None:
    spec, context = template["spec"], template["spec"]["securityContext"]
    assert (context["runAsNonRoot"], context["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    assert context["runAsUser"] == int(re.findall(r"--uid (\d+)", (ROOT / "deploy" / "Dockerfile").read_text())[0])
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    kinds = {kind for volume in spec["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"secret", "configMap", "emptyDir", "persistentVolumeClaim"}, name


@pytest.mark.parametrize(("name", "container"), list(containers()))
def test_a_container_gives_up_what_it_does_not_need_and_says_what_it_does(name: str, container: Manifest) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} == set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    assert container["image"] in OTHERS | {"ebok"}
    if "ports" in container:  # a worker answers nobody; when it ends it is started again
        assert {"livenessProbe", "readinessProbe"} <= set(container), name


@pytest.mark.parametrize(("name", "container"), list(containers()))
def test_a_container_mounts_what_its_pod_has_and_probes_a_port_that_it_opens(name: str, container: Manifest) -> None:
    workload = named(*name.split("/", maxsplit=1)[0].split(" "))
    volumes = {volume["name"] for volume in workload["spec"]["template"]["spec"]["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", ())}
    assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    opened = {port["name"] for port in container.get("ports", ())}
    probes = [container[key] for key in container if key.endswith("Probe")]
    asked = {probe[way]["port"] for probe in probes for way in ("httpGet", "tcpSocket") if way in probe}
    assert asked <= opened


@pytest.mark.parametrize("manifest", [one for one in manifests() if "selector" in one.get("spec", {})], ids=called)
def test_a_selector_finds_pods(manifest: Manifest) -> None:
    selector = manifest["spec"]["selector"]
    labels = selector.get("matchLabels", selector)
    found = [template for _, template in pods() if labels.items() <= template["metadata"]["labels"].items()]
    assert len(found) == 1
    targets = [port["targetPort"] for port in manifest["spec"].get("ports", ())]
    opened = {port["name"] for one in found[0]["spec"]["containers"] for port in one.get("ports", ())}
    assert set(targets) <= opened


def test_policies_let_in_only_whom_the_parts_serve() -> None:
    policies = [one["spec"] for one in manifests() if one["kind"] == "NetworkPolicy"]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    let_in = {
        (one["podSelector"]["matchLabels"]["part"], port["port"]): rule["from"]
        for one in policies
        for rule in one.get("ingress", ())
        for port in rule["ports"]
    }
    assert let_in == {
        ("web", "web"): [{"namespaceSelector": {"matchLabels": {"ebok-ingress": "yes"}}}],
        ("engine", "engine"): [{"podSelector": {"matchLabels": {"app": "ebok", "part": "worker"}}}],
        ("engine", "managers"): [{"namespaceSelector": {"matchLabels": {"ebok-ingress": "yes"}}}],
    }


def test_customers_are_let_to_what_the_guide_names_and_to_nothing_of_the_desk() -> None:
    guide = (ROOT / "docs" / "administrator.md").read_text()
    sentence = re.search(r"wyłącznie samą stronę główną (.+?)\. Biuro", guide, re.DOTALL)
    assert sentence
    told = {path.rstrip("/") or "/" for path in re.findall(r"`(/\S*)`", sentence[1])}
    rules = named("Ingress", "ebok")["spec"]["rules"]
    paths = {path["path"]: path["pathType"] for rule in rules for path in rule["http"]["paths"]}
    assert set(paths) == told
    assert paths["/"] == "Exact"


@pytest.mark.usefixtures("home")
def test_every_page_of_customers_is_let_through() -> None:
    rules = named("Ingress", "ebok")["spec"]["rules"]
    first = {path["path"].split("/")[1] for rule in rules for path in rule["http"]["paths"]}
    routes = {str(getattr(one, "path", "")) for one in iter_route_contexts(application().routes)}
    ours = {route for route in routes if not route.startswith(("/biuro", "/healthz", "/readyz", "/metrics"))}
    assert {route for route in ours if route.split("/")[1] not in first} == set()


def test_what_pods_are_told_are_settings_of_the_program() -> None:
    told = set(named("ConfigMap", "ebok-settings")["data"])
    told |= {one["name"] for _, container in containers() for one in container.get("env", ())}
    ours = {name.removeprefix("EBOK_").lower() for name in told if name.startswith("EBOK_")} - {"secrets_dir"}
    assert ours <= set(Settings.model_fields)
    assert not {name for name in told if re.search("PASSWORD|TOKEN|SECRET_KEY", name)}


def test_nothing_secret_is_in_the_repository() -> None:
    assert [called(one) for one in manifests() if one["kind"] == "Secret"] == []
