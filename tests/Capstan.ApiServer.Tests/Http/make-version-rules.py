#!/usr/bin/env python3
"""Asks a Kubernetes what it makes of resourceVersion, resourceVersionMatch, limit, continue and sendInitialEvents in every combination,
and prints query and answer, one line each: version-rules.txt. Usage: make-version-rules.py KUBECONFIG > version-rules.txt"""
import itertools, json, re, subprocess, sys, concurrent.futures, urllib.parse

config = sys.argv[1]
kubectl = ["kubectl", "--kubeconfig", config]
space = "version-rules"
path = f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases"


def run(*args, stdin=None):
    return subprocess.run([*kubectl, *args], input=stdin, capture_output=True, text=True)


proxy = subprocess.Popen([*kubectl, "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
port = re.search(r":(\d+)", proxy.stdout.readline()).group(1)


def get(query):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", path + "?" + query)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def made(name):
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}}
    return json.loads(run("create", "-n", space, "-o", "json", "-f", "-", stdin=json.dumps(lease)).stdout)["metadata"]["resourceVersion"]


def masked(text):
    return re.sub(r"\d{2,}", "#", text)


def error(status):
    fields = "".join(f" [{c.get('field', '')}]" for c in status.get("details", {}).get("causes", []))
    return f"{status['code']} {status.get('reason', '')}: {masked(status['message'])}{fields}"


def of_list(code, body):
    answer = json.loads(body)
    if code != 200:
        return error(answer)
    meta = answer["metadata"]
    names = ",".join(i["metadata"]["name"] for i in answer["items"])
    return f"200 {names} continue={'yes' if meta.get('continue') else 'no'} remaining={meta.get('remainingItemCount', '-')}"


def of_watch(code, body):
    if code != 200:
        return error(json.loads(body))
    told = []
    for line in body.splitlines():
        event = json.loads(line)
        o = event["object"]
        if event["type"] == "ERROR":
            told.append("ERROR " + error(o))
        elif event["type"] != "BOOKMARK":
            told.append(f"{event['type']} {o['metadata']['name']}")
        elif o["metadata"].get("annotations"):
            told.append("END")
    return " ".join(["200", *told])


run("create", "namespace", space)
try:
    versions = {"old": made("r1"), "now": made("r2")}
    versions["ahead"] = str(int(versions["now"]) + 1000000)
    versions["token"] = json.loads(get("limit=1")[1])["metadata"]["continue"]
    numbers = ["", "0", "{old}", "{now}", "{ahead}", "abc", "-1"]
    lists = itertools.product(numbers, ["", "Exact", "NotOlderThan", "Odd"], ["", "1"], ["", "{token}", "garbage"], ["", "true"])
    watches = itertools.product(numbers, ["", "Exact", "NotOlderThan", "Odd"], ["", "{token}"], ["", "true", "false"], ["", "true"])

    def query(**parameters):
        return "&".join(f"{name}={value}" for name, value in parameters.items() if value)

    asked = [query(resourceVersion=v, resourceVersionMatch=m, limit=l, **{"continue": c}, sendInitialEvents=s) for v, m, l, c, s in lists]
    asked += [query(watch="1", timeoutSeconds="{patience}", resourceVersion=v, resourceVersionMatch=m, **{"continue": c}, sendInitialEvents=s, allowWatchBookmarks=b)
              for v, m, c, s, b in watches]

    def answer(template):
        code, body = get(template.format(patience=5, **versions))
        return (of_watch if template.startswith("watch") else of_list)(code, body)

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        for template, told in zip(asked, pool.map(answer, asked)):
            print(f"{template}\t{told}")
finally:
    run("delete", "namespace", space, "--wait=false")
    proxy.terminate()
