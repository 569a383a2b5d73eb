#!/usr/bin/env python3
"""Writes zeros.txt: how Kubernetes' types write zero values, read off the declarations of its Go types.

usage: make-zeros.py VENDOR_K8S_IO > zeros.txt      (VENDOR_K8S_IO: the folder with api/, apimachinery/, apiextensions-apiserver/)

One line per type, names as in Kinds/types.txt, then words:
  field          left out when it is zero (a scalar by value with omitempty)
  field=VALUE    always written, zero as VALUE (by value without omitempty, or a structure)
Pointers, lists and maps with omitempty are not named: absent means absent. Without it they are null.
"""
import os, re, sys

ROOT = sys.argv[1]
PLACES = [('api', 'api'), ('apimachinery/pkg/apis/meta/v1', 'apimachinery.pkg.apis.meta.v1'),
          ('apiextensions-apiserver/pkg/apis/apiextensions/v1', 'apiextensions-apiserver.pkg.apis.apiextensions.v1'),
          ('kube-aggregator/pkg/apis/apiregistration/v1', 'kube-aggregator.pkg.apis.apiregistration.v1')]
ZERO = {'string': '""', 'bool': 'false', 'int': '0', 'int32': '0', 'int64': '0', 'float64': '0', 'float32': '0', 'uint32': '0', 'uint64': '0'}
SPECIAL = {'Time': 'null', 'MicroTime': 'null', 'Quantity': '"0"', 'IntOrString': '0', 'Duration': '"0s"', 'RawExtension': None, 'JSON': None, 'FieldsV1': None}

def packages():
    for folder, name in PLACES:
        base = os.path.join(ROOT, folder)
        if folder == 'api':
            for group in sorted(os.listdir(base)):
                for version in ('v1', 'v2'):
                    if os.path.isdir(os.path.join(base, group, version)): yield os.path.join(base, group, version), f'api.{group}.{version}'
        elif os.path.isdir(base): yield base, name

structs, scalars, kinds = {}, {}, {}
for folder, name in packages():
    for file in sorted(os.listdir(folder)):
        if not file.endswith('.go') or file.startswith(('generated', 'zz_', 'types_swagger')): continue
        text = re.sub(r'/\*.*?\*/', '', open(os.path.join(folder, file)).read(), flags=re.S)
        for m in re.finditer(r'^type (\w+) (string|bool|int32|int64|int)\b', text, re.M): scalars[m[1]] = ZERO[m[2]]
        for m in re.finditer(r'^type (\w+) (\[\]|map\[)', text, re.M): kinds[m[1]] = 'list'
        for m in re.finditer(r'^type (\w+) struct \{\n(.*?)^\}', text, re.M | re.S):
            fields = []
            for line in m[2].split('\n'):
                f = re.match(r'\s*(?:(\w+)\s+)?([\w\.\*\[\]{}]+)\s+`.*?json:"([^"]*)"', line)
                if f: fields.append((f[1], f[2], f[3].split(',')))
            structs[(name, m[1])] = fields

def expand(package, fields):
    for name, kind, tag in fields:
        if 'inline' in tag:
            inner = structs.get((package, kind.split('.')[-1]))
            if inner and kind.split('.')[-1] not in ('TypeMeta',): yield from expand(package, inner)
        else: yield name, kind, tag

for (package, name), fields in sorted(structs.items()):
    words = []
    for _, kind, tag in expand(package, fields):
        json = tag[0]
        if not json or json == '-': continue
        leaf = kind.split('.')[-1]
        omit, omitzero = 'omitempty' in tag, 'omitzero' in tag
        if kind.startswith(('*', '[]', 'map[')):
            if not omit and not omitzero: words.append(f'{json}=null')
        elif leaf in ZERO or leaf in scalars or (leaf == 'UID'):
            words.append(json if omit or omitzero else f'{json}={ZERO.get(leaf, scalars.get(leaf, chr(34) * 2))}')
        elif kinds.get(leaf) == 'list':
            if not omit and not omitzero: words.append(f'{json}=null')
        elif leaf in SPECIAL:
            if SPECIAL[leaf] and not omitzero: words.append(f'{json}={SPECIAL[leaf]}')
        elif not omitzero: words.append(f'{json}={{}}')
    if words: print(f'{package}.{name}', *sorted(words))
