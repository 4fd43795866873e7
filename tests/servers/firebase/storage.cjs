// node storage.cjs PACKAGES: the storage part of the npm package firebase-tools, on a port that is free; prints its address.
// `firebase emulators:start` would download a Java program for its access rules; without them the routes of Google's own JSON API
// are open to all, which is what is wanted here, and those of Firebase, which ask the rules, answer nobody.
const path = require('path');
const lib = path.join(process.argv[2], 'node_modules/firebase-tools/lib/emulator');
const { StorageEmulator } = require(path.join(lib, 'storage'));
const { createApp } = require(path.join(lib, 'storage/server'));
const { EmulatorRegistry } = require(path.join(lib, 'registry'));
const { Emulators } = require(path.join(lib, 'types'));

const project = 'nixery-test';
const host = '127.0.0.1';
const emulator = new StorageEmulator({ projectId: project, host, rules: { name: 'storage.rules', content: '' }, auto_download: false });

createApp(project, emulator).then(app => {
  const server = app.listen(0, host, () => {
    const { port } = server.address();
    // It tells its own address where an upload goes on, and asks for it here.
    emulator.getInfo = () => ({ name: Emulators.STORAGE, host, port });
    EmulatorRegistry.INSTANCES.set(Emulators.STORAGE, emulator);
    console.log(`http://${host}:${port}`);
  });
});
