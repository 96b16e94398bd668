/** The templates of the lab's default settings, as a TypeScript app would write them. */

import * as fs from 'node:fs';
import * as path from 'node:path';

import * as cdk from 'aws-cdk-lib';

import { FoundationStack, Permissions } from './foundation';
import { InventoryStack } from './inventory';
import { WorkloadStack } from './workload';

function readJson(...parts: string[]) {
  return JSON.parse(fs.readFileSync(path.join(__dirname, ...parts), 'utf8'));
}

const flags = readJson('..', '..', '..', 'cdk.json').context;
const permissions: Permissions = readJson('permissions.json');

const app = new cdk.App({
  context: flags,
  analyticsReporting: false,
  builtinCloudFormationValidation: process.argv[2] !== 'unvalidated',
});
const common = () => ({
  tags: { Owner: 'oelab' },
  synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});
const foundation = new FoundationStack(app, 'OELabFoundation', permissions, common());
for (const [stackName, workload] of [['OELabStack1', 'Test'], ['OELabStack2', 'Prod']]) {
  const stack = new WorkloadStack(app, stackName, workload, common());
  stack.addStackDependency(foundation);
}
const inventory = new InventoryStack(app, 'OELabInventory', common());
inventory.addStackDependency(foundation);
app.synth();
