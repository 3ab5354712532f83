"""No folder of this project has an `__init__.py`."""

import sys

from sematic import CloudRunner, LocalRunner, has_container_image

from company.team.steps.shout import pipeline

if __name__ == "__main__":
    runner = CloudRunner() if has_container_image() else LocalRunner()
    print(runner.run(pipeline(sys.argv[1])))
