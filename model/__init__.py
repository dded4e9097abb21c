"""The vocabulary and the pure logic of Spanloom: no I/O, no SQL, no protobuf."""
