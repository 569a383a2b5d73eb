#!/usr/bin/env python3
"""Write types.txt and resources.txt: the facts about Kubernetes' built-in kinds, read from a running kube-apiserver.

Usage: make-table.py KUBECONFIG [DIRECTORY]      (DIRECTORY: where to write; default: beside this script)

Needs kubectl: everything is read through `kubectl --kubeconfig KUBECONFIG proxy`.

types.txt      a line per type, then a line per field, indented:
                 NAME EXPRESSION ATTRIBUTE...
               Names stand without their leading "io.k8s.". Expressions:
                 string string/FORMAT integer/FORMAT number boolean object any   plain types
                 int-or-string  quantity                                         either of two
                 []EXPRESSION   {}EXPRESSION   @NAME                             list, map, another type
               Attributes (item- before one speaks of the items or values, once per level):
                 required=A,B  gvk=GROUP/VERSION/KIND  list=TYPE[:KEY,KEY]  map=TYPE  strategy=A,B  key=NAME  enum=JSON  default=JSON
resources.txt  a line per resource, then a line per subresource, indented:
                 GROUP VERSION PLURAL SINGULAR KIND SCOPE VERBS SHORTNAMES CATEGORIES
                 NAME GROUP/VERSION/KIND VERBS
               "-" stands for nothing.

No sentence of Kubernetes is taken: descriptions are left out.
"""
import json
import pathlib
import re
import subprocess
import sys
import urllib.request

PREFIX = "io.k8s."
REFERENCE = "#/components/schemas/"
IGNORED = {"description", "x-kubernetes-unions", "properties"}


class Proxy:
    """kubectl proxy on a free port, for as long as the with block runs."""

    def __init__(self, kubeconfig):
        self.kubeconfig = kubeconfig

    def __enter__(self):
        self.process = subprocess.Popen(["kubectl", "--kubeconfig", self.kubeconfig, "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
        self.address = re.search(r"127\.0\.0\.1:\d+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()

    def read(self, path, accept="application/json"):
        request = urllib.request.Request(f"http://{self.address}{path}", headers={"Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).replace(" ", "\\u0020")  # a bare space would split the line


def short(name):
    assert name.startswith(PREFIX), name
    return name[len(PREFIX):]


def expression(schema, seen):
    """The type expression of a schema; names of the keys that it tells are added to seen."""
    reference = schema.get("$ref") or (schema["allOf"][0]["$ref"] if len(schema.get("allOf", [])) == 1 else None)
    if reference:
        seen |= {"$ref", "allOf"}
        return "@" + short(reference.removeprefix(REFERENCE))
    if "oneOf" in schema:
        seen |= {"oneOf", "format"}
        kinds = [one["type"] for one in schema["oneOf"]]
        assert kinds in (["integer", "string"], ["string", "number"]), kinds
        return "int-or-string" if kinds[0] == "integer" else "quantity"
    seen |= {"type", "format", "items", "additionalProperties"}
    if schema.get("type") == "array":
        return "[]" + expression(schema["items"], set())
    if "additionalProperties" in schema:
        assert isinstance(schema["additionalProperties"], dict)
        return "{}" + expression(schema["additionalProperties"], set())
    kind = schema.get("type", "any")
    return f"{kind}/{schema['format']}" if "format" in schema else kind


def attributes(schema, prefix=""):
    told = set(IGNORED)
    expression(schema, told)
    rest = {key: value for key, value in schema.items() if key not in told}
    found = []
    if "x-kubernetes-list-type" in rest:
        keys = rest.pop("x-kubernetes-list-map-keys", None)
        found.append(f"list={rest.pop('x-kubernetes-list-type')}" + (":" + ",".join(keys) if keys else ""))
    for key, name in (("x-kubernetes-map-type", "map"), ("x-kubernetes-patch-strategy", "strategy"), ("x-kubernetes-patch-merge-key", "key")):
        if key in rest:
            found.append(f"{name}={rest.pop(key)}")
    if "required" in rest:
        found.append("required=" + ",".join(rest.pop("required")))
    kinds = rest.pop("x-kubernetes-group-version-kind", [])
    if len(kinds) == 1:  # the others (DeleteOptions, WatchEvent) are of every group, hence nobody's own
        found.append(f"gvk={kinds[0]['group']}/{kinds[0]['version']}/{kinds[0]['kind']}")
    for key in ("enum", "default"):
        if key in rest:
            found.append(f"{key}={compact(rest.pop(key))}")
    assert not rest, f"facts that the table cannot hold: {rest}"
    found = [prefix + one for one in found]
    inner = schema.get("items") or schema.get("additionalProperties")
    return found + (attributes(inner, prefix + "item-") if inner else [])


def line(name, schema, indent=""):
    return indent + " ".join([name, expression(schema, set()), *attributes(schema)])


def types(proxy):
    schemas = {}
    for path in proxy.read("/openapi/v3")["paths"]:
        if re.fullmatch(r"api/v1|apis/[^/]+/[^/]+", path):
            schemas.update(proxy.read(f"/openapi/v3/{path}").get("components", {}).get("schemas", {}))
    for name in sorted(schemas):
        yield line(short(name), schemas[name])
        for field, schema in sorted(schemas[name].get("properties", {}).items()):
            yield line(field, schema, " ")


def resources(proxy):
    def listed(values):
        return ",".join(values) or "-"

    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    for group in proxy.read("/api", accept)["items"] + proxy.read("/apis", accept)["items"]:
        name = group["metadata"].get("name", "")
        for version in group["versions"]:
            for resource in version["resources"]:
                yield " ".join([name or "-", version["version"], resource["resource"], resource["singularResource"], resource["responseKind"]["kind"],
                                resource["scope"], listed(resource["verbs"]), listed(resource.get("shortNames", [])), listed(resource.get("categories", []))])
                for sub in resource.get("subresources", []):
                    kind = sub["responseKind"]
                    yield f" {sub['subresource']} {kind['group'] or name}/{kind['version'] or version['version']}/{kind['kind']} {listed(sub['verbs'])}"


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else pathlib.Path(__file__).parent
    with Proxy(sys.argv[1]) as proxy:
        for file, lines in (("types.txt", types(proxy)), ("resources.txt", resources(proxy))):
            (directory / file).write_text("".join(f"{text}\n" for text in lines))


main()
