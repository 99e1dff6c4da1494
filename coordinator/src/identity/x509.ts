// @peculiar/x509 as this project imports it: its injector throws unless reflect-metadata is loaded before it.
import 'reflect-metadata';

export * as x509 from '@peculiar/x509';
