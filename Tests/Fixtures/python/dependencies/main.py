import sys

from sematic import CloudRunner, LocalRunner, has_container_image

from pipeline import pipeline

if __name__ == "__main__":
    runner = CloudRunner() if has_container_image() else LocalRunner()
    print(runner.run(pipeline(sys.argv[1])))
