"""Launches the pipeline; its modules are imported from the root of the project."""

import sys

from sematic import CloudRunner, LocalRunner, has_container_image

from greeting.pipeline import pipeline

if __name__ == "__main__":
    runner = CloudRunner() if has_container_image() else LocalRunner()
    print(runner.run(pipeline(sys.argv[1])))
