# SPDX-License-Identifier: MIT
"""The service manager's end of sd_notify(3), which Node cannot be, since it has no Unix datagrams: binds the
socket that is named and prints each datagram as a line of JSON, with the pid of its sender."""
import json
import socket
import struct
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(sys.argv[1].replace("@", "\0", 1))
print("null", flush=True)
while True:
    text, credentials, _, _ = listener.recvmsg(4096, socket.CMSG_SPACE(struct.calcsize("3i")))
    pid = struct.unpack("3i", credentials[0][2])[0]
    fields = dict(line.split("=", 1) for line in text.decode().splitlines())
    print(json.dumps({"pid": pid, **fields}), flush=True)
