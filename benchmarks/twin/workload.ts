import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, IDependable } from 'constructs';

import { ROLE_NAME } from './foundation';

const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
const WEB_SERVER = [
  'dnf install -y httpd',
  'echo "<h1>$(hostname)</h1>" > /var/www/html/index.html',
  'systemctl enable --now httpd',
];

const namedByStack = () => [{ key: 'Name', value: cdk.Aws.STACK_NAME }];

class WorkloadNetwork extends Construct {
  readonly subnet: ec2.CfnSubnet;
  readonly securityGroup: ec2.CfnSecurityGroup;
  readonly route: IDependable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const vpc = new ec2.CfnVPC(this, 'Vpc', {
      cidrBlock: '10.0.0.0/16',
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: namedByStack(),
    });
    this.subnet = new ec2.CfnSubnet(this, 'Subnet', {
      vpcId: vpc.ref,
      cidrBlock: '10.0.0.0/24',
      mapPublicIpOnLaunch: true,
      tags: namedByStack(),
    });
    this.securityGroup = new ec2.CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: vpc.ref,
      groupDescription: 'Out and in only what the workload needs',
      securityGroupEgress: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          cidrIp: '0.0.0.0/0',
          description: 'Systems Manager and package repositories',
        },
      ],
      tags: namedByStack(),
    });
    this.route = this.defineGateway(vpc);
  }

  private defineGateway(vpc: ec2.CfnVPC): IDependable {
    const routeTable = new ec2.CfnRouteTable(this, 'RouteTable', {
      vpcId: vpc.ref,
      tags: namedByStack(),
    });
    const association = new ec2.CfnSubnetRouteTableAssociation(this, 'RouteTableAssociation', {
      subnetId: this.subnet.ref,
      routeTableId: routeTable.ref,
    });
    const gateway = new ec2.CfnInternetGateway(this, 'InternetGateway', { tags: namedByStack() });
    const attachment = new ec2.CfnVPCGatewayAttachment(this, 'GatewayAttachment', {
      vpcId: vpc.ref,
      internetGatewayId: gateway.ref,
    });
    const route = new ec2.CfnRoute(this, 'InternetRoute', {
      routeTableId: routeTable.ref,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: gateway.ref,
    });
    route.addResourceDependency(attachment);
    route.addResourceDependency(association);
    return route;
  }
}

export class WorkloadStack extends cdk.Stack {
  constructor(scope: Construct, id: string, workload: string, props: cdk.StackProps) {
    super(scope, id, { terminationProtection: workload === 'Prod', ...props });
    const network = new WorkloadNetwork(this, 'Network');
    const imageId = ssm.StringParameter.valueForTypedStringParameterV2(
      this,
      IMAGE,
      ssm.ParameterValueType.AWS_EC2_IMAGE_ID,
    );
    for (const name of ['Web1', 'Web2', 'App1', 'App2']) {
      this.defineInstance(name, workload, imageId, network);
    }
  }

  private defineInstance(name: string, workload: string, imageId: string, network: WorkloadNetwork) {
    const isWeb = name.startsWith('Web');
    const userData = ec2.UserData.forLinux();
    userData.addCommands(...WEB_SERVER);
    const tags = {
      SSMManaged: 'True',
      Confidentiality: 'Public',
      Environment: 'OELabIPM',
      'Patch Group': 'Critical',
      Application: cdk.Aws.STACK_ID,
      InstanceRole: isWeb ? 'WebServer' : 'AppServer',
      Workload: workload,
      Name: `${workload}-${name}`,
    };
    const instance = new ec2.CfnInstance(new Construct(this, name), 'Default', {
      imageId,
      instanceType: 't3.micro',
      subnetId: network.subnet.ref,
      securityGroupIds: [network.securityGroup.ref],
      iamInstanceProfile: ROLE_NAME,
      userData: isWeb ? cdk.Fn.base64(userData.render()) : undefined,
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        { deviceName: '/dev/xvda', ebs: { volumeType: 'gp3', encrypted: true } },
      ],
      propagateTagsToVolumeOnCreation: true,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    instance.node.addDependency(network.route);
  }
}
