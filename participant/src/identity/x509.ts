// The X.509 library, loaded the only way it loads: its dependency container needs reflection metadata first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export { x509 };
