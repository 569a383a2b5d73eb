#!/usr/bin/env python3
"""Write messages.txt: how Kubernetes' built-in kinds are numbered in its protobuf encoding, read from the Go modules' sources.

Usage: make-table.py VENDOR [FILE]      (VENDOR: a directory that has k8s.io/api and k8s.io/apimachinery; FILE: default messages.txt beside this script)

A line per message, then a line per field, indented:
  NAME                     without its leading "k8s.io."
   NUMBER JSONNAME TYPE    types: string integer number boolean bytes Time MicroTime Duration Quantity IntOrString Raw @MESSAGE []TYPE {}TYPE
                           <>TYPE, a list that is in a message of its own
JSONNAME ending in "*" is a pointer in Go: it is there when it is sent, even as zero. "^" alone is inlined: its fields are its parent's.

Only facts are taken: names, numbers and types. Numbers come from generated.proto, JSON names, pointers and inlining from the struct tags.
"""
import pathlib
import re
import sys

vendor = pathlib.Path(sys.argv[1]) / "k8s.io"
target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).with_name("messages.txt")

SCALARS = {"string": "string", "int32": "integer", "int64": "integer", "uint32": "integer", "uint64": "integer", "bool": "boolean",
           "double": "number", "bytes": "bytes"}
META = "apimachinery.pkg.apis.meta.v1."
WELL_KNOWN = {META + "Time": "Time", META + "MicroTime": "MicroTime", META + "Duration": "Duration", META + "FieldsV1": "Raw",
              "apimachinery.pkg.runtime.RawExtension": "Raw", "apimachinery.pkg.api.resource.Quantity": "Quantity",
              "apimachinery.pkg.util.intstr.IntOrString": "IntOrString"}


def go_fields(directory):
    """(struct, number) -> (JSON name, is a pointer, is inlined), from the struct tags."""
    found = {}
    for file in sorted(directory.glob("*.go")):
        struct = None
        for line in file.read_text().splitlines():
            if opened := re.match(r"type (\w+) struct {", line):
                struct = opened[1]
            elif line == "}":
                struct = None
            elif struct and (tag := re.match(r"\s+(?:\w+\s+)?(\S+)\s+`(.*)`", line)):
                json = re.search(r'json:"([^"]*)"', tag[2])
                protobuf = re.search(r'protobuf:"\w+,(\d+)', tag[2])
                if json and protobuf:
                    name = json[1].split(",")[0]
                    found[struct, int(protobuf[1])] = (name, tag[1].startswith("*"), not name)
    return found


def messages(directory):
    """Name -> fields, from generated.proto and the Go sources beside it."""
    package, result, message = "", {}, None
    go = go_fields(directory)
    for line in (directory / "generated.proto").read_text().splitlines():
        if named := re.match(r"package k8s\.io\.(.*);", line):
            package = named[1] + "."
        elif opened := re.match(r"message (\w+) {", line):
            message = opened[1]
            result[package + message] = []
        elif field := re.match(r"  (?:(optional|repeated) (\S+)|map<string, (\S+)>) (\w+) = (\d+);", line):
            label, single, of_map, name, number = field.groups()
            kind = single or of_map
            if kind in SCALARS:
                kind = SCALARS[kind]
            else:
                full = kind[8:] if kind.startswith(".k8s.io.") else package + kind
                kind = WELL_KNOWN.get(full, "@" + full)
            json, pointer, inline = go.get((message, int(number)), (name, False, False))
            kind = "{}" + kind if of_map else "[]" + kind if label == "repeated" else kind
            result[package + message].append((int(number), "^" if inline else json + "*" * pointer, kind))
    return result


sources = [vendor / "apimachinery/pkg/apis/meta/v1"]
sources += sorted(d.parent for d in (vendor / "api").glob("*/*/generated.proto") if re.fullmatch(r"v\d+", d.parent.name))
known = {}
for source in sources:
    known.update(messages(source))

# A type that is a list in Go is a message with one field, "items", in protobuf; a list kind has its metadata before its items.
# One type has such a field of its own.
wrapped = {name: fields[0][2] for name, fields in known.items()
           if len(fields) == 1 and fields[0][1] == "items" and not name.endswith("DownwardAPIProjection")}
kept, waiting = set(), [name for name, fields in known.items() if any(kind == f"@{META}ObjectMeta" for _, _, kind in fields)]
waiting += [META + name for name in ("DeleteOptions", "Status", "ListMeta", "APIResourceList", "APIGroupList", "APIGroup", "APIVersions",
                                     "PartialObjectMetadata")]
while waiting:
    name = waiting.pop()
    if name not in kept and name in known:
        kept.add(name)
        waiting += [re.sub(r".*@", "", kind) for _, _, kind in known[name] if "@" in kind]

with target.open("w") as out:
    for name in sorted(kept - wrapped.keys()):
        print(name, file=out)
        for number, json, kind in known[name]:
            inner = re.sub(r".*@", "", kind)
            if inner in wrapped:
                kind = "<>" + wrapped[inner][2:] if kind == "@" + inner else kind.replace("@" + inner, wrapped[inner])
            print(f" {number} {json} {kind}", file=out)
