// What the typed client needs of Node: the admin socket.
export { socketFetch } from './socket-fetch.ts';
