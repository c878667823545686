INSERT INTO accounts VALUES
(0,'playlist');
INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO copies VALUES
('movie',0,'d8c888a6fe2412fe',NULL,1,NULL,1,NULL,NULL);
INSERT INTO files VALUES
(1,'nfo','saint-seiya-01.nfo',153,X'316041F66CBBCF84F68CD91BC36DD0AD',NULL,NULL,NULL,NULL,NULL),
(1,'strm','saint-seiya-01.strm',56,X'91E22CE73B84E9D609E99E8EB59B7819',NULL,NULL,NULL,0,NULL);
INSERT INTO meta VALUES
('generation','1'),
('library','b87e16f2dd51334b11bf0fb0ed55119d'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967375,1795967376,'list.m3u',0,NULL);
INSERT INTO titles VALUES
(1,'movie','saint-seiya-01',0,NULL,'saint-seiya-01',NULL,NULL,NULL,X'0EAFC999D9789422BCA3D07AB066F20F',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,0,0,0,NULL);
