import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export const ROLE_NAME = 'ManagedInstancesRole';

/** The actions of the policies, exported from the Python app's lists. */
export interface Permissions {
  readonly reviewer: string[];
  readonly reviewerParameters: string[];
  readonly operator: string[];
}

class ManagedInstancesRole extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      roleName: ROLE_NAME,
      description: 'Lets EC2 instances be managed by AWS Systems Manager',
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    });
    cdk.Tags.of(role).add('Environment', 'OELabIPM');
    role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
    new iam.InstanceProfile(this, 'InstanceProfile', { role, instanceProfileName: ROLE_NAME });
  }
}

class FleetAccess extends Construct {
  constructor(scope: Construct, id: string, permissions: Permissions) {
    super(scope, id);
    const ssm = `arn:${cdk.Aws.PARTITION}:ssm:*:`;
    new iam.ManagedPolicy(this, 'Reviewer', {
      description: 'Review the fleet: read inventory, associations and compliance',
      statements: [
        new iam.PolicyStatement({ actions: permissions.reviewer, resources: ['*'] }),
        new iam.PolicyStatement({
          actions: permissions.reviewerParameters,
          resources: [`${ssm}:parameter/aws/service/*`],
        }),
      ],
    });
    new iam.ManagedPolicy(this, 'Operator', {
      description: 'Run and change inventory associations, besides reviewing',
      statements: [
        new iam.PolicyStatement({
          actions: permissions.operator,
          resources: [`${ssm}${cdk.Aws.ACCOUNT_ID}:association/*`],
          conditions: { StringEquals: { 'aws:ResourceTag/Owner': 'oelab' } },
        }),
        new iam.PolicyStatement({
          actions: ['ssm:UpdateAssociation'],
          resources: [`${ssm}:document/AWS-GatherSoftwareInventory`],
        }),
      ],
    });
  }
}

export class FoundationStack extends cdk.Stack {
  constructor(scope: Construct, id: string, permissions: Permissions, props: cdk.StackProps) {
    super(scope, id, props);
    new ManagedInstancesRole(this, 'ManagedInstancesRole');
    new FleetAccess(this, 'FleetAccess', permissions);
  }
}
