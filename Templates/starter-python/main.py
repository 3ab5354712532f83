"""Launches the pipeline: in the cluster where `run-pipeline` has built an image, else here."""

import sys

from pipeline import report
from sematic import CloudRunner, LocalRunner, has_container_image

if __name__ == "__main__":
    text = " ".join(sys.argv[1:]) or "rain on the roof, rain on the road"
    runner = CloudRunner() if has_container_image() else LocalRunner()
    print(runner.run(report(text).set(name="Word report")))
