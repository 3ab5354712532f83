import ZooShapes

print(ZooShapes.text, terminator: "")
