import * as cdk from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

const TYPES = [
  'applications',
  'awsComponents',
  'networkConfig',
  'instanceDetailedInformation',
  'customInventory',
  'services',
  'windowsRoles',
  'windowsUpdates',
];

export class InventoryStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props: cdk.StackProps) {
    super(scope, id, props);
    const associations = new Construct(this, 'Associations');
    const association = new Construct(associations, 'InventoryAllInstances');
    new ssm.CfnAssociation(association, 'Default', {
      name: 'AWS-GatherSoftwareInventory',
      associationName: 'InventoryAllInstances',
      targets: [{ key: 'tag:Environment', values: ['OELabIPM'] }],
      parameters: Object.fromEntries(TYPES.map((type) => [type, ['Enabled']])),
      scheduleExpression: 'rate(30 minutes)',
      complianceSeverity: 'UNSPECIFIED',
      syncCompliance: 'AUTO',
      maxConcurrency: '100%',
      maxErrors: '100%',
    });
  }
}
