// The parser of YAML. It is fetched when something is written: it is as large as the page that it is for.
export { parseDocument } from 'yaml';
