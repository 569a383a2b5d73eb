#!/usr/bin/env python3
"""Write templates.txt: the Go types that a pod template is made of, in the order of their fields, since the hash of a template is of its dump in Go.

Usage: make-table.py KUBERNETES > templates.txt     (KUBERNETES: a source tree of Kubernetes)

A line per struct: its name; then a line per field, indented:
  GO-NAME JSON-NAME TYPE            "-" for JSON-NAME: the fields of the struct stand in the one around it
A line per other named type: NAME = TYPE. Only names are taken, no sentence.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1]) / "staging/src/k8s.io"
sources = {"core": root / "api/core/v1/types.go", "meta": root / "apimachinery/pkg/apis/meta/v1/types.go"}
structs, aliases = {}, {}
for package, path in sources.items():
    text = re.sub(r"(?m)^\s*//.*$|\s+//[^`\n]*$", "", path.read_text())
    for name, body in re.findall(r"(?ms)^type (\w+) struct \{\n(.*?)^\}", text):
        structs[(package, name)] = [line.strip() for line in body.splitlines() if line.strip()]
    for name, expression in re.findall(r"(?m)^type (\w+) ((?:map\[|\[\]|\*)?[\w.\]]+)$", text):
        aliases[(package, name)] = expression
known = {"string", "int32", "int64", "bool", "byte", "float64", "uint64"}
fixed = {"resource.Quantity", "intstr.IntOrString", "types.UID", "metav1.Time", "metav1.FieldsV1"}
done, waiting = set(), [("core", "PodTemplateSpec")]


def resolve(package, expression):
    for prefix in ("*", "[]"):
        if expression.startswith(prefix):
            return prefix + resolve(package, expression[len(prefix):])
    found = re.match(r"map\[([\w.]+)\](.+)$", expression)
    if found:
        return f"map[{resolve(package, found[1])}]{resolve(package, found[2])}"
    if expression in known:
        return expression
    if "." in expression:
        outer, name = expression.split(".")
        if outer == "metav1":
            waiting.append(("meta", name))
            return "v1." + name
        return expression
    waiting.append((package, expression))
    return "v1." + expression


while waiting:
    key = waiting.pop(0)
    if key in done or key[1] in ("Time", "FieldsV1"):
        continue
    done.add(key)
    package, name = key
    if key in aliases:
        print(f"v1.{name} = {resolve(package, aliases[key])}")
        continue
    print("v1." + name)
    for line in structs[key]:
        tag = re.search(r'json:"([^",]*)(,inline)?', line)
        words = line.split("`")[0].split()
        if len(words) == 1:
            words = [words[0].split(".")[-1], words[0]]
        inline = tag is None or tag[2] or not tag[1]
        print(f" {words[0]} {'-' if inline else tag[1]} {resolve(package, words[1])}")
