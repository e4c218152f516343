"""Changes of what is in the way of requests: load balancers, names, CloudFront, the firewall, the network."""

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, added, of, removed, resource, template

_ELB = "ElasticLoadBalancingV2"
TARGETS = {
    "HealthCheckPath": "/healthz",
    "HealthCheckPort": "traffic-port",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckIntervalSeconds": 10,
    "HealthyThresholdCount": 2,
    "Matcher": {"HttpCode": "200"},
    "TargetGroupAttributes": [
        {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
        {"Key": "stickiness.enabled", "Value": "false"},
    ],
    "Tags": [{"Key": "team", "Value": "a"}],
}
FORWARD = {"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1"}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
REDIRECT = {
    "Type": "redirect",
    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
}
LOGIN = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"Issuer": "https://id.example.com"}}
LISTENER = {
    "Port": 443,
    "Protocol": "HTTPS",
    "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "Certificates": [{"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/a"}],
    "DefaultActions": [FORWARD],
}
RULE = {
    "Priority": 10,
    "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["www.example.com"]}}],
    "Actions": [FORWARD],
}
BALANCER = {
    "Scheme": "internet-facing",
    "Subnets": ["subnet-a", "subnet-b"],
    "SecurityGroups": ["sg-a"],
    "LoadBalancerAttributes": [
        {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
        {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        {"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"},
        {"Key": "waf.fail_open.enabled", "Value": "false"},
        {"Key": "access_logs.s3.enabled", "Value": "true"},
    ],
}
RECORD = {
    "Name": "www.example.com.",
    "Type": "A",
    "HostedZoneId": "Z1",
    "SetIdentifier": "a",
    "Weight": 100,
    "TTL": "300",
    "AliasTarget": {"DNSName": "lb.example.com", "HostedZoneId": "Z2"},
}
CDN = {
    "DistributionConfig": {
        "Enabled": True,
        "Aliases": ["www.example.com"],
        "WebACLId": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1",
        "Comment": "web",
        "PriceClass": "PriceClass_100",
        "HttpVersion": "http2",
        "DefaultCacheBehavior": {
            "TargetOriginId": "app",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "TrustedKeyGroups": ["group"],
        },
        "Origins": [
            {
                "Id": "app",
                "DomainName": "lb.example.com",
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
            }
        ],
        "ViewerCertificate": {"AcmCertificateArn": "arn:a", "MinimumProtocolVersion": "TLSv1.2_2021"},
    }
}
ACL = {
    "Scope": "REGIONAL",
    "DefaultAction": {"Allow": {}},
    "VisibilityConfig": {"MetricName": "web"},
    "Rules": [
        {
            "Name": "common",
            "Priority": 0,
            "OverrideAction": {"None": {}},
            "Statement": {
                "ManagedRuleGroupStatement": {"Name": "AWSManagedRulesCommonRuleSet", "VendorName": "AWS"}
            },
        },
        {
            "Name": "rate",
            "Priority": 1,
            "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 2000}},
        },
    ],
}
_ATTRIBUTE = "LoadBalancerAttributes"
_BEHAVIOUR = "DistributionConfig/DefaultCacheBehavior"

CASES = [
    *of(
        f"{_ELB}::TargetGroup",
        TARGETS,
        [
            (
                "health check path to nowhere",
                {"HealthCheckPath": "/nowhere"},
                LOOK,
                False,
                "must answer on another path",
            ),
            ("health check codes", {"Matcher/HttpCode": "418"}, LOOK, False, "another code"),
            ("health check port", {"HealthCheckPort": "9999"}, LOOK, False, "another port"),
            ("health check protocol", {"HealthCheckProtocol": "HTTPS"}, LOOK, False, "another protocol"),
            ("health check switched off", {"HealthCheckEnabled": False}, DANGEROUS, False, "not well"),
            ("checked less often", {"HealthCheckIntervalSeconds": 300}, LOOK, False, "timeouts"),
            ("more checks until healthy", {"HealthyThresholdCount": 10}, LOOK, False),
            ("drain", {"TargetGroupAttributes/0/Value": "0"}, LOOK, False, "timeouts"),
            ("stickiness", {"TargetGroupAttributes/1/Value": "true"}, LOOK, False, "stay with a task"),
            (
                "least outstanding requests",
                {
                    "TargetGroupAttributes/+": {
                        "Key": "load_balancing.algorithm.type",
                        "Value": "least_outstanding_requests",
                    }
                },
                SAFE,
            ),
            ("tags", {"Tags/0/Value": "b"}, SAFE),
            ("a property that no rule knows", {"Brandnew": 1}, LOOK, False, "no rule knows"),
        ],
    ),
    *of(
        f"{_ELB}::Listener",
        LISTENER,
        [
            (
                "default action becomes a fixed 503",
                {"DefaultActions/0": FIXED},
                DANGEROUS,
                False,
                "fixed answer",
            ),
            (
                "requests to other targets",
                {"DefaultActions/0/TargetGroupArn": "arn:other"},
                LOOK,
                False,
                "requests go elsewhere",
            ),
            (
                "weak TLS policy",
                {"SslPolicy": "ELBSecurityPolicy-2016-08"},
                DANGEROUS,
                True,
                "weak encryption",
            ),
            ("TLS 1.1", {"SslPolicy": "ELBSecurityPolicy-TLS-1-1-2017-01"}, DANGEROUS, True),
            ("TLS 1.3 with 1.0", {"SslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}, DANGEROUS, True),
            (
                "TLS 1.3 alone",
                {"SslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
                LOOK,
                False,
                "another TLS",
            ),
            (
                "another certificate",
                {"Certificates/0/CertificateArn": "arn:other"},
                LOOK,
                False,
                "another certificate",
            ),
            ("port", {"Port": 8443}, DANGEROUS, False, "old port"),
            ("plain HTTP", {"Protocol": "HTTP", "Port": 80}, DANGEROUS, True, "read by everyone"),
            (
                "mutual TLS",
                {"MutualAuthentication": {"Mode": "verify"}},
                DANGEROUS,
                False,
                "without a certificate",
            ),
            ("login in front", {"DefaultActions": [LOGIN, FORWARD]}, LOOK),
            ("tags", {"Tags": [{"Key": "a", "Value": "b"}]}, SAFE),
        ],
    ),
    *of(
        f"{_ELB}::Listener",
        {**LISTENER, "DefaultActions": [REDIRECT], "Port": 80, "Protocol": "HTTP"},
        [
            (
                "redirect to HTTPS becomes forward",
                {"DefaultActions/0": FORWARD},
                DANGEROUS,
                True,
                "no longer sent to HTTPS",
            ),
        ],
    ),
    *of(
        f"{_ELB}::Listener",
        {**LISTENER, "DefaultActions": [LOGIN, FORWARD]},
        [
            ("login taken away", {"DefaultActions/0": None}, DANGEROUS, True, "log in"),
        ],
    ),
    *of(
        f"{_ELB}::Listener",
        {**LISTENER, "MutualAuthentication": {"Mode": "verify"}},
        [
            ("mutual TLS off", {"MutualAuthentication/Mode": "off"}, DANGEROUS, True, "no certificate"),
            ("mutual TLS taken away", {"MutualAuthentication": None}, DANGEROUS, True, "no certificate"),
        ],
    ),
    *of(
        f"{_ELB}::ListenerRule",
        RULE,
        [
            (
                "host",
                {"Conditions/0/HostHeaderConfig/Values/0": "other.example.com"},
                DANGEROUS,
                False,
                "other requests",
            ),
            (
                "fixed 403",
                {"Actions/0": {**FIXED, "FixedResponseConfig": {"StatusCode": "403"}}},
                DANGEROUS,
                False,
                "fixed answer",
            ),
            ("priority", {"Priority": 1}, LOOK, False, "take its requests"),
            ("other targets", {"Actions/0/TargetGroupArn": "arn:other"}, LOOK),
        ],
    ),
    added(
        "403 for everything",
        f"{_ELB}::ListenerRule",
        {"Priority": 1, "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}], "Actions": [FIXED]},
        DANGEROUS,
        False,
        "fixed answer",
    ),
    added("requests of a path", f"{_ELB}::ListenerRule", {**RULE}, LOOK),
    removed("a host", f"{_ELB}::ListenerRule", {**RULE}, DANGEROUS, False, "go elsewhere"),
    removed("users' port", f"{_ELB}::Listener", LISTENER, DANGEROUS, False, "gets no answer"),
    removed("targets", f"{_ELB}::TargetGroup", TARGETS, DANGEROUS),
    removed(
        "a certificate of names",
        f"{_ELB}::ListenerCertificate",
        {"Certificates": [{"CertificateArn": "a"}]},
        DANGEROUS,
    ),
    added(
        "a certificate of names",
        f"{_ELB}::ListenerCertificate",
        {"Certificates": [{"CertificateArn": "a"}]},
        SAFE,
    ),
    *of(
        f"{_ELB}::LoadBalancer",
        BALANCER,
        [
            ("deletion protection off", {f"{_ATTRIBUTE}/0/Value": "false"}, LOOK, False, "delete"),
            ("idle timeout", {f"{_ATTRIBUTE}/1/Value": "10"}, LOOK, False, "timeouts"),
            ("invalid headers pass", {f"{_ATTRIBUTE}/2/Value": "false"}, LOOK, True, "headers"),
            ("desync mode monitor", {f"{_ATTRIBUTE}/3/Value": "monitor"}, DANGEROUS, True, "two ways"),
            ("WAF fails open", {f"{_ATTRIBUTE}/4/Value": "true"}, DANGEROUS, True, "unfiltered"),
            ("access logs off", {f"{_ATTRIBUTE}/5/Value": "false"}, LOOK, False, "who asked what"),
            ("a zone more", {"Subnets/+": "subnet-c"}, SAFE),
            ("a zone less", {"Subnets/1": None}, DANGEROUS, False, "fewer zones"),
            (
                "client address header removed",
                {f"{_ATTRIBUTE}/+": {"Key": "routing.http.xff_header_processing.mode", "Value": "preserve"}},
                LOOK,
                True,
            ),
            (
                "reserved capacity",
                {"MinimumLoadBalancerCapacity": {"CapacityUnits": 100}},
                LOOK,
                False,
                "reserved",
            ),
            ("dual stack", {"IpAddressType": "dualstack"}, LOOK, True, "IPv6"),
            ("internal", {"Scheme": "internal"}, DANGEROUS, False, "replaced"),
            ("name", {"Name": "web"}, DANGEROUS, False, "replaced"),
            ("tags", {"Tags": [{"Key": "a", "Value": "b"}]}, SAFE),
        ],
    ),
    *of(
        "Route53::RecordSet",
        RECORD,
        [
            (
                "alias elsewhere",
                {"AliasTarget/DNSName": "other.example.net"},
                DANGEROUS,
                False,
                "a name leads elsewhere",
            ),
            ("weight 0", {"Weight": 0}, DANGEROUS, False, "nobody is sent here"),
            ("weight", {"Weight": 1}, DANGEROUS),
            ("shorter TTL", {"TTL": "60"}, SAFE),
            ("longer TTL", {"TTL": "86400"}, LOOK, False, "wrong answer"),
        ],
    ),
    removed("the name of the site", "Route53::RecordSet", RECORD, DANGEROUS, False, "no longer find"),
    removed("a zone", "Route53::HostedZone", {"Name": "example.com"}, DANGEROUS, False, "name"),
    removed("a certificate", "CertificateManager::Certificate", {"DomainName": "a.example.com"}, DANGEROUS),
    added("a certificate", "CertificateManager::Certificate", {"DomainName": "a.example.com"}, SAFE),
    *of(
        "CloudFront::Distribution",
        CDN,
        [
            ("disabled", {"DistributionConfig/Enabled": False}, DANGEROUS, False, "nobody is answered"),
            ("alias gone", {"DistributionConfig/Aliases": []}, DANGEROUS, False, "no longer answers"),
            (
                "another alias",
                {"DistributionConfig/Aliases/0": "x.example.com"},
                DANGEROUS,
                False,
                "no longer answers",
            ),
            ("one alias more", {"DistributionConfig/Aliases/+": "x.example.com"}, LOOK),
            (
                "caching of the app's answers",
                {f"{_BEHAVIOUR}/CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"},
                DANGEROUS,
                True,
                "another's",
            ),
            (
                "plain HTTP allowed",
                {f"{_BEHAVIOUR}/ViewerProtocolPolicy": "allow-all"},
                DANGEROUS,
                True,
                "read by everyone",
            ),
            ("HTTPS only", {f"{_BEHAVIOUR}/ViewerProtocolPolicy": "https-only"}, LOOK),
            ("web ACL removed", {"DistributionConfig/WebACLId": None}, DANGEROUS, True, "firewall"),
            ("another web ACL", {"DistributionConfig/WebACLId": "arn:other"}, LOOK, True, "firewall"),
            ("no signature needed", {f"{_BEHAVIOUR}/TrustedKeyGroups": None}, DANGEROUS, True, "signature"),
            (
                "origin by HTTP",
                {"DistributionConfig/Origins/0/CustomOriginConfig/OriginProtocolPolicy": "http-only"},
                DANGEROUS,
                True,
                "between CloudFront",
            ),
            ("another origin", {"DistributionConfig/Origins/0/DomainName": "other.example.net"}, LOOK),
            (
                "weak TLS",
                {"DistributionConfig/ViewerCertificate/MinimumProtocolVersion": "TLSv1"},
                DANGEROUS,
                True,
                "weak",
            ),
            ("comment", {"DistributionConfig/Comment": "site"}, SAFE),
            ("HTTP/3", {"DistributionConfig/HttpVersion": "http2and3"}, SAFE),
            ("price class", {"DistributionConfig/PriceClass": "PriceClass_All"}, LOOK),
        ],
    ),
    removed("the distribution", "CloudFront::Distribution", CDN, DANGEROUS),
    *of(
        "WAFv2::WebACL",
        ACL,
        [
            (
                "managed rules only count",
                {"Rules/0/OverrideAction": {"Count": {}}},
                DANGEROUS,
                True,
                "no longer refuses",
            ),
            (
                "rate rule only counts",
                {"Rules/1/Action": {"Count": {}}},
                DANGEROUS,
                True,
                "no longer refuses",
            ),
            (
                "rate limit by a thousand",
                {"Rules/1/Statement/RateBasedStatement/Limit": 2000000},
                LOOK,
                True,
                "may ask more",
            ),
            (
                "rate limit lower",
                {"Rules/1/Statement/RateBasedStatement/Limit": 100},
                LOOK,
                False,
                "may ask less",
            ),
            ("a rule gone", {"Rules/1": None}, DANGEROUS, True, "a rule less"),
            (
                "a rule more",
                {
                    "Rules/+": {
                        "Name": "bad",
                        "Priority": 2,
                        "Action": {"Block": {}},
                        "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
                    }
                },
                LOOK,
                False,
                "may refuse users",
            ),
            (
                "a rule that lets others in",
                {
                    "Rules/+": {
                        "Name": "vip",
                        "Priority": 2,
                        "Action": {"Allow": {}},
                        "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
                    }
                },
                DANGEROUS,
                True,
            ),
            ("everybody refused", {"DefaultAction": {"Block": {}}}, DANGEROUS, False, "everybody is refused"),
        ],
    ),
    added("a firewall that counts first", "WAFv2::WebACL", ACL, SAFE),
    removed("the firewall", "WAFv2::WebACL", ACL, DANGEROUS, True, "no longer filtered"),
    removed(
        "the firewall taken off",
        "WAFv2::WebACLAssociation",
        {"ResourceArn": "a", "WebACLArn": "b"},
        DANGEROUS,
        True,
        "no longer filtered",
    ),
    *of(
        "WAFv2::LoggingConfiguration",
        {
            "ResourceArn": "a",
            "LogDestinationConfigs": ["b"],
            "RedactedFields": [{"SingleHeader": {"Name": "cookie"}}],
        },
        [
            ("cookies are logged", {"RedactedFields": None}, LOOK, True, "hidden"),
        ],
    ),
    *of(
        "EC2::VPC",
        {"CidrBlock": "10.0.0.0/16", "EnableDnsSupport": True, "EnableDnsHostnames": True},
        [
            ("DNS taken away", {"EnableDnsSupport": False}, DANGEROUS, False, "no name"),
            ("other addresses", {"CidrBlock": "10.1.0.0/16"}, DANGEROUS, False, "replaced"),
            ("tags", {"Tags": [{"Key": "a", "Value": "b"}]}, SAFE),
        ],
    ),
    *of(
        "EC2::Route",
        {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"},
        [
            ("another gateway", {"NatGatewayId": "nat-2"}, DANGEROUS, False, "another way"),
        ],
    ),
    removed(
        "the way out",
        "EC2::Route",
        {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"},
        DANGEROUS,
    ),
    removed("a gateway", "EC2::NatGateway", {"SubnetId": "subnet-a"}, DANGEROUS, False, "another address"),
    removed("an address", "EC2::EIP", {"Domain": "vpc"}, DANGEROUS),
    removed("a subnet", "EC2::Subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, DANGEROUS),
    added("a subnet of a new zone", "EC2::Subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.9.0/24"}, SAFE),
    added(
        "a route that takes traffic away", "EC2::Route", {"RouteTableId": "rtb-1"}, LOOK, False, "another way"
    ),
    added("a way to a service of AWS", "EC2::VPCEndpoint", {"ServiceName": "ecr.api"}, LOOK),
    Case(
        "a route of a new route table",
        template(Vpc=resource("EC2::VPC", {})),
        template(
            Vpc=resource("EC2::VPC", {}),
            Table=resource("EC2::RouteTable", {"VpcId": {"Ref": "Vpc"}}),
            Route=resource("EC2::Route", {"RouteTableId": {"Ref": "Table"}, "GatewayId": "igw-1"}),
        ),
        SAFE,
    ),
    added("a route table of a new zone", "EC2::RouteTable", {"VpcId": "vpc-1"}, SAFE),
    *of(
        "EC2::VPCEndpoint",
        {
            "VpcId": "vpc-1",
            "ServiceName": "ecr.api",
            "VpcEndpointType": "Interface",
            "PrivateDnsEnabled": True,
            "SubnetIds": ["subnet-a", "subnet-b"],
        },
        [
            ("private DNS off", {"PrivateDnsEnabled": False}, DANGEROUS, False, "no longer find"),
            ("a zone less", {"SubnetIds/1": None}, DANGEROUS, False, "fewer zones"),
            ("a zone more", {"SubnetIds/+": "subnet-c"}, SAFE),
        ],
    ),
    removed(
        "the way to a service", "EC2::VPCEndpoint", {"VpcId": "vpc-1", "ServiceName": "ecr.api"}, DANGEROUS
    ),
    *of(
        "EC2::NetworkAclEntry",
        {
            "NetworkAclId": "acl-1",
            "Egress": False,
            "RuleAction": "allow",
            "RuleNumber": 100,
            "Protocol": -1,
            "CidrBlock": "10.0.0.0/16",
        },
        [
            ("everybody", {"CidrBlock": "0.0.0.0/0"}, DANGEROUS, False, "other traffic"),
        ],
    ),
    added(
        "a deny",
        "EC2::NetworkAclEntry",
        {
            "NetworkAclId": "acl-1",
            "RuleAction": "deny",
            "RuleNumber": 1,
            "Protocol": -1,
            "CidrBlock": "0.0.0.0/0",
        },
        DANGEROUS,
    ),
]
