"""Opens a run's page in Sematic's UI with headless Chromium, and prints as JSON what a person finds there.

  read-page.py BROWSER ADDRESS RUN [FUNCTION...] [--screenshot FILE]

`graph`: the names of the nodes and the edges between them; for each of the functions, selected in the tree on the left, the
texts under `Input`, `Output` and `Source`; `requests`: the hosts that were asked. Only loopback is reachable for the page.
Driven by the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/
"""
import argparse
import base64
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import websocket

LIMIT = 120


class Page:
    def __init__(self, browser, folder):
        self.hosts = set()
        self.count = 0
        self.process = subprocess.Popen(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
             "--remote-debugging-port=0", f"--user-data-dir={folder}", "--window-size=1600,1200",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=folder),
            start_new_session=True)
        port = self.wait(lambda: self.port(folder + "/DevToolsActivePort"))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        targets = json.load(opener.open(f"http://127.0.0.1:{port}/json", timeout=LIMIT))
        address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
        self.socket = websocket.create_connection(address, suppress_origin=True, timeout=LIMIT, http_no_proxy=["*"])

    @staticmethod
    def port(path):
        try:
            with open(path) as file:
                return file.read().split()[0]
        except (OSError, IndexError):
            return None

    @staticmethod
    def wait(condition):
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.05)
        raise TimeoutError("the page does not show what is expected")

    def call(self, method, **parameters):
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "Network.requestWillBeSent":
                self.hosts.add(urllib.parse.urlsplit(message["params"]["request"]["url"]).netloc)
            if message.get("id") == self.count:
                return message["result"]

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def click(self, text):
        """Clicks the first element that has just this text, from the tree of functions on."""
        self.wait(lambda: self.evaluate(
            f"""(() => {{
              const all = [...document.querySelectorAll('body *')];
              const has = (e, text) => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim() == text);
              const start = all.findIndex(e => has(e, 'Execution Graph'));
              const found = all.find((e, i) => start >= 0 && i >= start && has(e, {json.dumps(text)}));
              found?.click();
              return found != undefined
            }})()"""))

    def stable(self, script):
        """What a script gives as soon as it is something, and has not changed for half a second."""
        state = {"last": None, "since": 0}

        def check():
            found = self.evaluate(script)
            if found != state["last"] or not found:
                state.update(last=found, since=time.monotonic())
                return None
            return time.monotonic() - state["since"] > 0.5
        self.wait(check)
        return state["last"]


parser = argparse.ArgumentParser()
parser.add_argument("browser")
parser.add_argument("address")
parser.add_argument("run")
parser.add_argument("functions", nargs="*")
parser.add_argument("--screenshot")
options = parser.parse_args()

with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    page = Page(options.browser, folder)
    try:
        page.call("Network.enable")
        page.call("Page.enable")
        page.call("Page.navigate", url=f"{options.address}/runs/{options.run}")
        result = {}
        for name in options.functions:
            page.click(name)
            page.wait(lambda: page.evaluate("document.body.innerText.includes('FUNCTION RUN\\n\\n" + name + "\\n')"))
            result[name] = {}
            for tab in ("Input", "Output", "Source"):
                page.click(tab)
                # Of the page's text, what is between the last tab and the notes.
                result[name][tab] = page.stable(
                    "document.body.innerText.split('\\nPods\\n').at(-1).split('\\nNOTES')[0].trim()")
        page.click("Execution Graph")
        nodes = page.stable(
            "[...document.querySelectorAll('.react-flow__node')].map(e => [e.dataset.id, e.innerText.trim()])")
        edges = page.stable(
            "[...document.querySelectorAll('.react-flow__edge')].map(e => e.getAttribute('aria-label'))")
        names = dict(nodes)
        ends = [label.removeprefix("Edge from ").split(" to ") for label in edges]
        result["graph"] = sorted(names.values()) + sorted(f"{names[start]} -> {names[end]}" for start, end in ends)
        if options.screenshot:
            with open(options.screenshot, "wb") as file:
                file.write(base64.b64decode(page.call("Page.captureScreenshot")["data"]))
        result["requests"] = sorted(page.hosts)
        print(json.dumps(result, indent=1))
    finally:
        # Debian's program is a script around the browser.
        os.killpg(page.process.pid, signal.SIGKILL)
        page.process.wait()
