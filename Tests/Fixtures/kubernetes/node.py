"""A node of a cluster for tests: pulls images by skopeo, unpacks them by umoci and runs containers by runc.

A container has the arguments and the environment of its Job, and the host's network. It writes above its image, never
into it. What a pod leaves in its folder: job.json, log, and exit, the status.
"""
import datetime
import json
import os
import re
import shutil
import subprocess
import threading
import time


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: {result.returncode}: {result.stdout.decode(errors='replace')}")


def expanded(text, variables):
    """https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/"""
    def value(found):
        return "$" + found[1] if found[1] else variables.get(found[2], found[0])
    return re.sub(r"\$(?:\$(\([^)]*\))|\(([^)]*)\))", value, text)


class Image:
    """An image on the node: pulled once for each reference."""

    def __init__(self, reference, folder):
        self.lock, self.reference, self.folder = threading.Lock(), reference, folder
        self.entrypoint, self.command = [], []

    def pull(self):
        """Returns the runtime configuration that umoci made of the image's settings."""
        with self.lock:
            if not os.path.exists(self.folder + "/pulled"):
                shutil.rmtree(self.folder, ignore_errors=True)
                os.makedirs(self.folder)
                layout = self.folder + "/layout"
                run("skopeo", "--insecure-policy", "copy", "--quiet", "--src-tls-verify=false",
                    "docker://" + self.reference, f"oci:{layout}:pulled")
                rootless = [] if os.geteuid() == 0 else ["--rootless"]
                run("umoci", "unpack", *rootless, "--image", layout + ":pulled", self.folder + "/bundle")

                def blob(descriptor):
                    with open(f"{layout}/blobs/{descriptor['digest'].replace(':', '/')}") as file:
                        return json.load(file)
                with open(layout + "/index.json") as file:
                    manifest = blob(json.load(file)["manifests"][0])
                settings = blob(manifest["config"]).get("config", {})
                self.entrypoint, self.command = settings.get("Entrypoint") or [], settings.get("Cmd") or []
                os.rename(layout, self.folder + "/pulled")
        with open(self.folder + "/bundle/config.json") as file:
            return json.load(file)


class Node:
    def __init__(self, folder):
        self.folder, self.lock, self.pods, self.images, self.started = folder, threading.RLock(), [], {}, 0

    def start(self, job):
        with self.lock:
            self.started += 1
            pod = Pod(self, f"{job['metadata']['name'][:57]}-{self.started:05}", job)
            self.pods.append(pod)
        return pod

    def image(self, reference):
        with self.lock:
            return self.images.setdefault(reference, Image(reference, f"{self.folder}/images/{len(self.images)}"))

    def runc(self, *command):
        return subprocess.run(["runc", "--root", self.folder + "/runc", *command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode


class Pod:
    def __init__(self, node, name, job):
        self.node, self.name, self.job, self.phase, self.exit = node, name, job, "Pending", None
        self.start, self.end, self.problem, self.process, self.is_doomed = now(), None, None, None, False
        self.container = job["spec"]["template"]["spec"]["containers"][0]
        self.folder = f"{node.folder}/pods/{name}"
        os.makedirs(self.folder)
        with open(self.folder + "/job.json", "w") as file:
            json.dump(job, file, indent=1)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def environment(self):
        result = {}
        for variable in self.container.get("env") or []:
            of_pod = variable.get("valueFrom")
            result[variable["name"]] = self.name if of_pod else expanded(variable.get("value") or "", result)
        return result

    def prepare(self):
        image = self.node.image(self.container["image"])
        document = image.pull()
        root, above, scratch = (self.folder + name for name in ("/root", "/above", "/scratch"))
        for folder in (root, above, scratch):
            os.makedirs(folder)
        layers = f"lowerdir={image.folder}/bundle/rootfs,upperdir={above},workdir={scratch}"
        overlay = ["mount", "-t", "overlay", "overlay", "-o", layers, root]
        if subprocess.run(overlay, stderr=subprocess.DEVNULL).returncode:
            run("cp", "--archive", image.folder + "/bundle/rootfs/.", root)

        process, variables = document["process"], self.environment()
        command, arguments = ([expanded(text, variables) for text in self.container.get(key) or []]
                              for key in ("command", "args"))
        process["terminal"] = False
        process["args"] = (command or image.entrypoint) + (arguments or ([] if command else image.command))
        process["env"] = [text for text in process.get("env", []) if text.split("=", 1)[0] not in variables]
        process["env"] += [f"{name}={text}" for name, text in variables.items()]
        document["root"] = {"path": root}
        namespaces = document["linux"]["namespaces"]
        document["linux"]["namespaces"] = [each for each in namespaces if each["type"] != "network"]
        for name, text in (("hosts", "127.0.0.1 localhost\n::1 localhost\n"), ("hostname", self.name + "\n")):
            with open(f"{self.folder}/{name}", "w") as file:
                file.write(text)
            document["mounts"].append({"destination": "/etc/" + name, "type": "bind", "options": ["bind", "rw"],
                                       "source": f"{self.folder}/{name}"})
        with open(self.folder + "/config.json", "w") as file:
            json.dump(document, file)

    def work(self):
        try:
            self.prepare()
            with open(self.folder + "/log", "wb") as log:
                with self.node.lock:
                    if self.is_doomed:
                        return
                    self.process = subprocess.Popen(
                        ["runc", "--root", self.node.folder + "/runc", "run", "--bundle", self.folder, self.name],
                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
                    self.phase = "Running"
                status = self.process.wait()
            with open(self.folder + "/exit", "w") as file:
                file.write(str(status))
            with self.node.lock:
                self.exit, self.end, self.phase = status, now(), "Failed" if status else "Succeeded"
            print("ended", self.name, status, flush=True)
        except Exception as error:  # as on a cluster, the pod waits until somebody deletes its job
            print("cannot start", self.name, error, flush=True)
            self.problem = str(error)
        finally:
            self.node.runc("delete", "--force", self.name)
            subprocess.run(["umount", self.folder + "/root"], stderr=subprocess.DEVNULL)
            for name in ("root", "above", "scratch"):
                shutil.rmtree(f"{self.folder}/{name}", ignore_errors=True)

    def stop(self, grace):
        """Ends the container by SIGTERM, after `grace` seconds by SIGKILL, and then forgets it."""
        with self.node.lock:
            self.is_doomed = True
        end, is_told = time.monotonic() + grace, False
        while self.process and self.process.poll() is None:
            # Both are refused while runc still makes the container.
            if time.monotonic() > end:
                self.node.runc("kill", self.name, "KILL")
            elif not is_told:
                is_told = self.node.runc("kill", self.name, "TERM") == 0
            time.sleep(0.05)
        self.thread.join()
        with self.node.lock:
            self.node.pods = [pod for pod in self.node.pods if pod is not self]

    def described(self):
        container = {"name": self.container["name"], "image": self.container["image"], "restartCount": 0,
                     "imageID": self.container["image"], "ready": self.phase == "Running"}
        if self.problem:
            container["state"] = {"waiting": {"reason": "ErrImagePull", "message": self.problem}}
        elif self.phase == "Pending":
            container["state"] = {"waiting": {"reason": "ContainerCreating"}}
        elif self.phase == "Running":
            container["state"] = {"running": {"startedAt": self.start}}
        else:
            container["state"] = {"terminated": {
                "exitCode": self.exit, "reason": "Error" if self.exit else "Completed", "startedAt": self.start,
                "finishedAt": self.end}}
        conditions = {"PodScheduled": True, "Initialized": True}
        conditions.update({name: self.phase == "Running" for name in ("ContainersReady", "Ready")})
        return {"metadata": {"name": self.name, "labels": {"job-name": self.job["metadata"]["name"]}},
                "spec": {"nodeName": "stand-in", "containers": [self.container]},
                "status": {"phase": self.phase, "startTime": self.start, "containerStatuses": [container],
                           "conditions": [{"type": key, "status": str(value)} for key, value in conditions.items()]}}
