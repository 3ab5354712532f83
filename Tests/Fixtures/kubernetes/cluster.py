#!/usr/bin/env python3
"""A Kubernetes cluster for tests: the calls of the API that Sematic's server makes, with a node that runs the Jobs.

It knows no volumes, secrets or limits: a Job that asks for a volume or a secret is refused. Prints "port N" when it
listens, and one line for each request. Ends, with all that it started, by SIGTERM or when its parent is gone.

https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.25/
"""
import argparse
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import urllib.parse

import node

parser = argparse.ArgumentParser()
parser.add_argument("--folder", required=True)
parser.add_argument("--grace", type=float, default=10, help="seconds from SIGTERM to SIGKILL")
options = parser.parse_args()

NODE = node.Node(options.folder)
JOBS = {}
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,250}[a-z0-9])?")
JOB_PATH = re.compile(r"/apis/batch/v1/namespaces/default/jobs(?:/([^/]+)(/status)?)?")


class Refusal(Exception):
    def __init__(self, code, reason, message):
        self.code = code
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
                       "message": message}


def unsupported(job):
    spec = job["spec"]["template"]["spec"]
    if len(spec["containers"]) != 1 or spec.get("initContainers") or spec.get("volumes"):
        return "one container without volumes is all that this cluster runs"
    if spec["containers"][0].get("securityContext"):
        return "no security context can be asked for"
    for variable in spec["containers"][0].get("env") or []:
        source = variable.get("valueFrom")
        if source and (source.get("fieldRef") or {}).get("fieldPath") != "metadata.name":
            return "an environment variable is a value, or the pod's name"
    return None


def create(job):
    name = job["metadata"]["name"]
    if not NAME.fullmatch(name):
        raise Refusal(422, "Invalid", f"{name} is not a name")
    if problem := unsupported(job):
        raise Refusal(422, "Invalid", problem)
    with NODE.lock:
        if name in JOBS:
            raise Refusal(409, "AlreadyExists", f"jobs.batch \"{name}\" already exists")
        JOBS[name] = NODE.start(job)
    return job


def found(name):
    if name not in JOBS:
        raise Refusal(404, "NotFound", f"jobs.batch \"{name}\" not found")
    return JOBS[name]


def status(name):
    with NODE.lock:
        pod = found(name)
        result = {"startTime": pod.start}
        if pod.exit is None:
            result.update(active=1, ready=int(pod.phase == "Running"))
        elif pod.exit == 0:
            result.update(succeeded=1, completionTime=pod.end, conditions=[{"type": "Complete", "status": "True"}])
        else:
            result.update(failed=1, conditions=[
                {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}])
        return {**pod.job, "apiVersion": "batch/v1", "kind": "Job", "status": result}


def delete(name):
    with NODE.lock:
        pod = found(name)
        del JOBS[name]
    threading.Thread(target=pod.stop, args=(options.grace,), daemon=True).start()
    return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"name": name, "kind": "jobs"}}


def pods(query):
    selector = urllib.parse.parse_qs(query).get("labelSelector", [""])[0]
    if not selector.startswith("job-name="):
        raise Refusal(400, "BadRequest", f"cannot select by {selector}")
    with NODE.lock:
        items = [pod.described() for pod in NODE.pods if pod.job["metadata"]["name"] == selector[len("job-name="):]]
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}


def carried_out(method, path, body):
    address = urllib.parse.urlsplit(path)
    job = JOB_PATH.fullmatch(address.path)
    if job and method == "POST" and not job[1]:
        return 201, create(json.loads(body))
    if job and method == "GET" and job[1]:
        return 200, status(job[1])
    if job and method == "DELETE" and job[1] and not job[2]:
        return 200, delete(job[1])
    if method == "GET" and address.path == "/api/v1/namespaces/default/pods":
        return 200, pods(address.query)
    raise Refusal(404, "NotFound", "this cluster does not know " + path)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            code, result = carried_out(self.command, self.path, body)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            code, result = 400, Refusal(400, "BadRequest", repr(error)).status
        except Refusal as refusal:
            code, result = refusal.code, refusal.status
        print("request", self.command, self.path, code, flush=True)
        text = json.dumps(result).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *arguments):
        pass


ENDED = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda *arguments: ENDED.set())
PARENT = os.getppid()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("port", server.server_port, flush=True)
while not ENDED.wait(0.5) and os.getppid() == PARENT:
    pass
server.shutdown()
with NODE.lock:
    left = [threading.Thread(target=pod.stop, args=(0,)) for pod in NODE.pods]
for thread in left:
    thread.start()
for thread in left:
    thread.join()
# Many thousands of files: quicker by a program than by whoever removes the folder.
subprocess.run(["rm", "-rf", options.folder + "/images"])
