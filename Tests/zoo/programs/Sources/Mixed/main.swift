import CxxPart
import CxxStdlib

print(zoo.count(std.string("banana"), CChar(UInt8(ascii: "a"))), zoo.count(std.string("x"), CChar(UInt8(ascii: "a"))))
